// SPDX-License-Identifier: MIT
// One connection loop: its thread, its sockets, its sessions, its way to the hub.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "net/certificates.h"
#include "net/echo.h"
#include "net/server.h"
#include "server/hub_thread.h"
#include "session/context.h"
#include "session/gate.h"

namespace wse::server {

class ConnectionLoop {
public:
    // [main] Everything given outlives it.
    ConnectionLoop(hub::LoopIndex index, const Clock &clock, const net::Limits &limits,
                   net::ConnectionLimits &shared, HubThread &hub);

    // [main] Before start(). Takes `fd` over. `certificates`: null without TLS, else it outlives
    // the loop.
    Result<void> listen(int fd, size_t listener, const session::GenerationRef &generation,
                        net::Connector fallback, net::Certificates *certificates);
    void start() { loop_.start(); }
    // [main] No new connections from now on; says goodbye to every session and waits for them, at
    // most until the deadline. `done` is called on the loop.
    void begin_close(uint16_t code, std::string_view reason, uint64_t deadline_ms,
                     std::function<void()> done);
    // [main] Ends the thread; what is still open is cut.
    void stop();

    Loop &loop() { return loop_; }
    Counters &counters() { return counters_; }
    session::Context &context() { return context_; }  // [loop]
    HubPort &port() { return port_; }

private:
    void take(Delivery &delivery);

    Loop loop_;
    Counters counters_;
    session::Context context_;
    HubPort port_;
    std::vector<std::unique_ptr<session::Gate>> gates_;
    std::vector<std::unique_ptr<net::EchoGate>> echoes_;  // [dev]
    std::unique_ptr<net::Server> sockets_;
};

}  // namespace wse::server
