// SPDX-License-Identifier: MIT
// An accepted socket lives in one stage after the other: Handshake, then WebSocket, Relay or
// neither, and at last Farewell; after a Relay, Handshake again, or Tunnel. Each stage is an object
// that owns the socket until it passes it on; Context is what the stages of a loop share.
// Everything here: [loop].
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/counters.h"
#include "loop/loop.h"
#include "net/options.h"
#include "net/poller.h"
#include "net/socket.h"

namespace wse::net {

class Stage;
class WebSocket;

// Stages in the order in which they began. Intrusive: a connection pays two pointers for it.
struct StageList {
    Stage *first = nullptr;
    Stage *last = nullptr;
    size_t size = 0;
};

struct Context {
    Context(Loop &on_loop, const Clock &real_clock, const Limits &all_limits,
            ConnectionLimits &of_all_loops, Counters &counts)
        : loop(on_loop),
          clock(real_clock),
          limits(all_limits),
          shared(of_all_loops),
          counters(counts),
          poller(on_loop.uv()) {}

    Loop &loop;
    const Clock &clock;
    const Limits limits;
    ConnectionLimits &shared;
    Counters &counters;
    Poller poller;
    StageList handshakes;
    StageList websockets;
    StageList idle;                    // between two requests
    StageList tunnels;                 // WebSockets of the application's
    StageList others;                  // relays and farewells
    bool closing = false;              // no more requests
    std::function<void()> when_empty;  // called when the last stage has left

    size_t size() const {
        return handshakes.size + websockets.size + idle.size + tunnels.size + others.size;
    }
};

class Stage : public Pollable {
public:
    Stage(Context &context, Socket socket, StageList &list);
    ~Stage() override;

    // The server ends: no farewell.
    virtual void cut(std::string_view why) = 0;

    // Starts watching the socket; false (and the stage is gone) when the kernel refuses.
    static bool begin(std::unique_ptr<Stage> stage);
    Stage *next() const { return next_; }
    Context &context() { return context_; }

protected:
    // Ends this stage: the socket is closed, unless a stage took it over, and the object is
    // destroyed at the end of the turn.
    void leave();
    bool left() const { return list_ == nullptr; }
    void move_to(StageList &list);
    // The next stage of the same socket, which it was built with; then this one leaves.
    void pass_on(std::unique_ptr<Stage> stage);
    Socket take_socket() { return std::move(socket_); }
    void count(Counter counter, uint64_t n = 1) { context_.counters.add(counter, n); }

    Context &context_;
    Socket socket_;

private:
    void link(StageList &list);
    void unlink();

    Stage *previous_ = nullptr;
    Stage *next_ = nullptr;
    StageList *list_;
};

}  // namespace wse::net
