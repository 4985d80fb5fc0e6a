// SPDX-License-Identifier: MIT
// Server: everything net does on one connection loop. wsed has one of them for each loop, with the
// same listeners, sharing a ConnectionLimits.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "loop/loop.h"
#include "net/connection_limits.h"
#include "net/options.h"

namespace wse::net {

class Listener;
struct Context;

class Server {
public:
    // [main] Before the loop starts, or [loop]. Everything given outlives it; `counters` are the
    // loop's own.
    Server(Loop &loop, const Clock &clock, const Limits &limits, ConnectionLimits &shared,
           Counters &counters);
    // As the constructor, or [main] after the loop has stopped. Cuts what is left: on_closed comes.
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // Serves a listening socket from now on and takes it over, also when it fails.
    Result<void> listen(ListenerOptions options);

    // No more connections; those that exist stay.
    void stop_accepting();

    // Closes every WebSocket with `code`, gives relays time to end, and cuts what is left after
    // `deadline_ms`. `done` comes once, when nothing is left, in a later turn of the loop.
    void close_all(uint16_t code, std::string_view reason, uint64_t deadline_ms,
                   std::function<void()> done);

    size_t websockets() const;
    size_t connections() const;  // also handshakes, relays and those that are being closed

private:
    void cut_all(std::string_view why);

    std::unique_ptr<Context> context_;
    ConnectionLimits &shared_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::function<void()> done_;
    Timer deadline_;
};

}  // namespace wse::net
