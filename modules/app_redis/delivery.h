// SPDX-License-Identifier: MIT
// Delivery: events on their way into the stream, in order, each write again until it is done.
#pragma once

#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/timer.h"
#include "context.h"
#include "entries.h"
#include "redis_client/redis_client.h"

namespace wse::app_redis {

// One loop, from which everything is called.
class Delivery {
public:
    // Connects from now on. `context` outlives it.
    Delivery(const Context &context, wse_loop *loop);
    Delivery(const Delivery &) = delete;
    Delivery &operator=(const Delivery &) = delete;

    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    // Another command on the same connection, which may be sent twice. False: too many.
    bool send(std::vector<std::string> command, redis::RedisClient::Done done);
    // What is not delivered by now is lost, and counted. `closed` is called when the loop has no
    // handle of ours, not in this call. Before the destructor, where the constructor succeeded.
    void stop(std::function<void()> closed);

private:
    void connected();
    void lost(const std::string &problem);
    void make_groups();
    void write();
    void written(redis::Failure failure, const redisReply *reply);
    void retry(const std::string &problem);
    void next();
    redis::Events events();

    const Context &context_;
    wse_loop *const loop_;
    EntryWriter writer_;
    std::deque<Write> writes_;          // the first one is on its way, or waits to be sent again
    wse_batch_token *token_ = nullptr;  // of the batch that is under way
    bool up_ = false;
    bool writing_ = false;
    bool troubled_ = false;  // the log has been told
    bool stopped_ = false;
    size_t open_ = 0;  // parts that are being closed
    abi::Timer timer_;
    // The last member that is made: it must be closed before it goes, and the others need not.
    redis::RedisClient client_;
};

}  // namespace wse::app_redis
