// SPDX-License-Identifier: MIT
// RedisSubscriber: what is published on the channels of a pattern, on a connection of its own that
// comes back by itself. What is published while there is none is lost, as Redis has it.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "redis_client/redis_client.h"
#include "redis_client/url.h"

namespace wse::redis {

// Told on the loop.
struct SubscriberEvents {
    // From here on messages are heard. Once for each connection.
    std::function<void()> listening;
    // As in Events.
    std::function<void(const std::string &problem)> lost;
    std::function<void(std::string_view channel, std::string_view message)> message;
};

// One loop, from which everything is called.
class RedisSubscriber {
public:
    // The server is asked every `probe_ms` whether it is there; when two questions in a row are not
    // answered, the connection is given up.
    RedisSubscriber(uv_loop_t *loop, Url url, const Limits &limits, std::string pattern,
                    uint64_t probe_ms, SubscriberEvents events);
    // After `closed` of close().
    ~RedisSubscriber() = default;
    RedisSubscriber(const RedisSubscriber &) = delete;
    RedisSubscriber &operator=(const RedisSubscriber &) = delete;

    // In `lost`: the server was reached, and the problem is what it says or does.
    bool was_reached() const { return reached_; }
    // `closed` is called when the loop has no handle of ours, not in this call. Nothing is told
    // after this call.
    void close(std::function<void()> closed);

private:
    void connected();
    void lost(const std::string &problem);
    void heard(const redisReply &reply);
    void probe();
    void check_closed();

    const std::string pattern_;
    const uint64_t probe_ms_;
    const SubscriberEvents events_;
    RedisClient client_;
    uv_timer_t timer_{};
    bool reached_ = false;
    bool listening_ = false;
    int unanswered_ = 0;  // questions
    bool closing_ = false;
    int open_ = 2;  // the client and the timer
    std::function<void()> closed_;
};

}  // namespace wse::redis
