// SPDX-License-Identifier: MIT
// One question to several servers, of which any can answer: they are asked one after the other.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "later.h"
#include "redis_client/redis_client.h"
#include "redis_client/url.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called. One question at a time.
class Inquiry {
public:
    // True: this was an answer. False: the next one is asked, and the problem says why.
    using Understand = std::function<bool(const redisReply &reply, const redis::Url &from,
                                          std::string &ret_problem)>;
    // The problem of the last one that was asked, or empty.
    using Done = std::function<void(const std::string &problem)>;

    // At least one server.
    Inquiry(uv_loop_t *loop, std::vector<redis::Url> servers);
    // After `closed` of close().
    ~Inquiry() = default;
    Inquiry(const Inquiry &) = delete;
    Inquiry &operator=(const Inquiry &) = delete;

    bool is_busy() const { return static_cast<bool>(done_); }
    // `done` is called later, once.
    void ask(std::vector<std::string> command, Understand understand, Done done);
    // Between questions: asks these as well from now on, after those of the constructor, and no
    // others that were added before.
    void add(const std::vector<redis::Url> &servers);
    // The last answer was wrong: the next question goes to another server first.
    void distrust() { distrusted_ = true; }
    // `done` of a question is not called any more. `closed` is called when the loop has no handle
    // of ours, not in this call.
    void close(std::function<void()> closed);

private:
    void try_next();
    void tried(bool understood, std::string problem);
    void finish(const std::string &problem);
    void check_closed();

    uv_loop_t *const loop_;
    const size_t given_;  // servers of the constructor
    std::vector<redis::Url> servers_;
    size_t first_ = 0;  // that is asked
    size_t tries_ = 0;  // of this question
    bool distrusted_ = false;
    bool tried_ = false;  // the client is being closed
    bool later_open_ = true;
    std::vector<std::string> command_;
    Understand understand_;
    Done done_;
    Later later_;
    std::unique_ptr<redis::RedisClient> client_;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
