// SPDX-License-Identifier: MIT
// The first stage of a connection, within one deadline: the header of a proxy and the handshake of
// TLS, where the listener has them, then the request head. It decides what the connection becomes:
// a WebSocket, a relay to the fallback, or an error answer and a close. One request per connection.
#pragma once

#include "loop/timer_wheel.h"
#include "net/head.h"
#include "net/stage.h"

namespace wse::net {

class Handshake final : public Stage {
public:
    // `listener` outlives the connection. `by_proxy`: the peer is one of its trusted proxies.
    Handshake(Context &context, Socket socket, const ListenerOptions &listener, bool by_proxy);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;
    // Answers 408 and closes: the deadline passed, or others wait for the place.
    void give_up();

private:
    enum class Phase : uint8_t { kProxyHeader, kTls, kRequest };

    void take_proxy_header();
    void begin_tls();
    void take_tls();
    void fail_proxy(std::string_view why);
    void fail_tls(std::string_view why, bool told);
    void take_request();
    bool identify_client();
    bool speak_for(const sockaddr_storage &client);
    void decide(std::string_view rest);
    void open_websocket(UpgradeGate &gate, std::string_view rest);
    void refuse(const HttpError &error, Counter counter = Counter::requests_refused);

    const ListenerOptions &listener_;
    HeadReader reader_;
    Timer deadline_;
    Phase phase_ = Phase::kRequest;
    bool by_proxy_;  // X-Forwarded-For is believed: who is known to speak is a trusted proxy
};

}  // namespace wse::net
