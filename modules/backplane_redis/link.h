// SPDX-License-Identifier: MIT
// Link: a connection to the master that keeps a key, wherever that is for now. It comes back by
// itself; a command is sent once, and fails with the connection.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "abi/timer.h"
#include "context.h"
#include "redis_client/redis_client.h"
#include "script.h"

namespace wse::backplane_redis {

// Told on the loop, not inside a call of the link but for suspect().
struct LinkEvents {
    // To a master, with the run_id of its process.
    std::function<void(const std::string &run_id)> up;
    // Once for each time it goes, and when it cannot be reached in the first place. What was under
    // way fails a moment later. One sentence without a secret.
    std::function<void(const std::string &problem)> down;
};

class Link {
public:
    using Done = redis::RedisClient::Done;
    static constexpr uint64_t kNoLimit = 600'000;  // of a command: the silence of the link ends it

    // `context` and its locator outlive the link.
    Link(const Context &context, std::string key, uint64_t reply_bytes, LinkEvents events);
    // After `closed` of close().
    ~Link();
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    bool is_up() const { return state_ == State::kUp; }
    // False: not up, or too much under way; `done` is not called.
    bool send(std::vector<std::string> command, Done done);
    // What was answered says that this is the wrong server, or it does not answer as it should.
    void suspect(const std::string &problem);
    // "closed": up; "open": waits before the next try; "half-open": tries.
    const char *breaker() const;
    // Without user and password; empty before it is known.
    const std::string &address() const { return address_; }
    // Why it is not up; empty while it is, and before it has been tried.
    const std::string &problem() const { return problem_; }
    void close(std::function<void()> closed);

private:
    enum class State { kWaiting, kTrying, kUp };

    void locate();
    void located(const std::optional<redis::Url> &at, const std::string &problem);
    void connect(const redis::Url &at);
    void drop_client();
    void greet();
    void take_role(const redisReply &reply);
    void take_loaded(const redisReply &reply);
    void take_info(const redisReply &reply);
    void go_down(const std::string &problem);
    void retry();
    void retry_in(uint64_t ms);
    void check_closed();

    const Context &context_;
    const std::string key_;
    const uint64_t reply_bytes_;
    const LinkEvents events_;
    // Shared with the question to the locator, which may be answered when the link has gone.
    std::shared_ptr<Link *> self_;
    State state_ = State::kTrying;
    bool told_ = false;   // that it is down
    bool wrong_ = false;  // the server, so that another client is to be made
    bool was_up_ = false;
    bool closing_ = false;
    bool timer_is_open_ = true;
    uint32_t attempts_ = 0;
    std::string address_;
    std::string problem_;
    std::string run_id_;
    std::minstd_rand random_;
    std::unique_ptr<redis::Url> url_;
    std::unique_ptr<redis::RedisClient> client_;
    std::vector<std::unique_ptr<redis::RedisClient>> leaving_;
    std::function<void()> closed_;
    abi::Timer timer_;
};

}  // namespace wse::backplane_redis
