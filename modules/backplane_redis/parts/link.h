// SPDX-License-Identifier: MIT
// A connection to the master that has a key, wherever it is: one that is lost is made anew, where
// the locator says by then.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "abi/timer.h"
#include "locator.h"
#include "redis_client/redis_client.h"

namespace wse::backplane_redis::parts {

// Told on the loop. `down` once for a loss, however often it is tried.
struct LinkEvents {
    std::function<void()> up;
    std::function<void(const std::string &problem)> down;
};

// One loop, from which everything is called. The locator outlives it.
class Link {
public:
    using Done = redis::RedisClient::Done;

    // Connects from now on.
    Link(uv_loop_t *loop, Locator &locator, std::string key, const redis::Limits &limits,
         LinkEvents events);
    // After `closed` of close().
    ~Link() = default;
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    bool is_up() const { return state_ == State::kUp; }
    // Of the server that was found last, for the log.
    const std::string &address() const { return address_; }

    // As RedisClient::send(), but a command is sent once at most: when the connection is lost it
    // ends as kUnavailable, and was done or not. So does one whose answer says that the master is
    // elsewhere. 0 as well while there is no connection.
    uint64_t send(std::vector<std::string> command, uint64_t timeout_ms, Done done);
    // Ends all commands as canceled. `closed` is called when the loop has no handle of ours, not in
    // this call.
    void close(std::function<void()> closed);

private:
    enum class State { kWaiting, kLocating, kConnecting, kUp, kLeaving };

    void locate();
    void located(const std::optional<redis::Url> &at, const std::string &problem);
    void ask_role();
    void rose();
    void leave(const std::string &problem);
    void retry_later();
    void locate_in(uint64_t ms);
    void check_closed();

    uv_loop_t *const loop_;
    Locator &locator_;
    const std::string key_;
    const redis::Limits limits_;
    const LinkEvents events_;
    // Shared with the question to the locator, which may be answered when the link has gone.
    const std::shared_ptr<Link *> self_;
    std::minstd_rand random_;
    State state_ = State::kWaiting;
    uint32_t attempts_ = 0;
    bool told_ = false;  // of the loss
    bool closing_ = false;
    bool timer_open_ = true;
    std::string address_;
    std::unique_ptr<redis::RedisClient> client_;
    abi::Timer timer_;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
