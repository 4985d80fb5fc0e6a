// SPDX-License-Identifier: MIT
// Tunnel: a WebSocket between a client and the application behind the fallback, as octets that
// nobody here reads. Each side's end is told to the other one; silence of both ends it.
#pragma once

#include <memory>
#include <string>

#include "loop/timer_wheel.h"
#include "net/stage.h"
#include "net/upstream.h"

namespace wse::net {

class Tunnel final : public Stage, public Upstream::Owner {
public:
    // `to_upstream` and `to_client`: what each is to get first. Keeps `place` as long as it lives.
    Tunnel(Context &context, Socket client, ConnectionLimits::Ticket place,
           std::unique_ptr<Upstream> upstream, std::string to_upstream, std::string to_client);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;

private:
    // One direction.
    struct Way {
        std::string bytes;     // at most one buffer
        bool readable = true;  // edge-triggered: until a read says otherwise
        bool ended = false;    // nothing more comes
        bool told = false;     // and its sink knows
    };
    enum class Moved : uint8_t { kNothing, kSomething, kBroken };

    void on_upstream(uint32_t events) override;
    void pump();
    template <class Read, class Write, class Tell>
    Moved move(Way &way, Read read, Write write, Tell tell);
    Moved move_up();
    Moved move_down();
    void end();

    ConnectionLimits::Ticket place_;
    std::unique_ptr<Upstream> upstream_;
    Way up_;
    Way down_;
    Timer deadline_;
};

}  // namespace wse::net
