// SPDX-License-Identifier: MIT
// Commands: what the application adds to a stream for this host, run in order. An entry is removed
// when it has been run, so one that was read before a connection was lost is read again, and known.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/timer.h"
#include "app/call_queue.h"
#include "context.h"
#include "redis_client/redis_client.h"

namespace wse::app_redis {

// One loop, from which everything is called.
class Commands {
public:
    // Sends on another connection than ours, which waits for entries most of the time. False: too
    // many.
    using Send = std::function<bool(std::vector<std::string>, redis::RedisClient::Done)>;

    // Connects from the next turn of the loop on. `context` outlives it.
    Commands(const Context &context, wse_loop *loop, Send send);
    Commands(const Commands &) = delete;
    Commands &operator=(const Commands &) = delete;

    // `closed` is called when the loop has no handle of ours, not in this call.
    void stop(std::function<void()> closed);

private:
    // An entry that was read and is not known to be removed.
    struct Entry {
        bool done = false;
        bool removing = false;
        std::string id;     // the application's own
        std::string reply;  // the stream that the result goes to, or empty
    };

    void connect();
    void connected();
    void make_group();
    void read();
    void came(redis::Failure failure, const redisReply *reply);
    void take(const redisReply &entries);
    void run(const std::string &place, const redisReply &fields);
    void finish(const std::string &place, const app::CallResult &result);
    void tell(const Entry &entry, const app::CallResult &result);
    void remove(const std::string &place);
    void remove_done();
    void read_later(uint64_t ms);

    const Context &context_;
    uv_loop_t *const loop_;
    const Send send_;
    std::map<std::string, Entry> entries_;  // by their place in the stream
    bool up_ = false;
    bool has_group_ = false;
    bool reading_ = false;
    bool troubled_ = false;  // the log has been told
    bool stopped_ = false;
    // After this place is read again what was given to us and not removed; ">": what is new.
    std::string after_ = "0";
    uint64_t count_;  // of entries at once
    size_t open_ = 0;
    app::CallQueue calls_;
    abi::Timer timer_;
    std::unique_ptr<redis::RedisClient> client_;
};

}  // namespace wse::app_redis
