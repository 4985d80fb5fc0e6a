// SPDX-License-Identifier: MIT
// The first stage of a connection: reads the request head within one deadline and decides what the
// connection becomes: a WebSocket, a relay to the fallback, or an error answer and a close. One
// request per connection.
#pragma once

#include "loop/timer_wheel.h"
#include "net/head.h"
#include "net/stage.h"

namespace wse::net {

class Handshake final : public Stage {
public:
    // `listener` outlives the connection.
    Handshake(Context &context, Socket socket, const ListenerOptions &listener);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;
    // Answers 408 and closes: the deadline passed, or others wait for the place.
    void give_up();

private:
    void decide(std::string_view rest);
    void open_websocket(std::string_view rest);
    void refuse(const HttpError &error, Counter counter = Counter::requests_refused);

    const ListenerOptions &listener_;
    HeadReader reader_;
    Timer deadline_;
};

}  // namespace wse::net
