// SPDX-License-Identifier: MIT
// The first stage of a connection, within one deadline: the header of a proxy and the handshake of
// TLS, where the listener has them, then the request head. It decides what the connection becomes:
// a WebSocket, a relay to the fallback, or an error answer and a close. After a relay it comes
// again for the next request, which may be for something else.
#pragma once

#include <optional>
#include <string>

#include "loop/timer_wheel.h"
#include "net/head.h"
#include "net/relay.h"
#include "net/stage.h"

namespace wse::net {

class Handshake final : public Stage {
public:
    // `listener` outlives the connection. `by_proxy`: the peer is one of its trusted proxies.
    Handshake(Context &context, Socket socket, const ListenerOptions &listener, bool by_proxy);

    // `ahead`: what has come of the next request.
    Handshake(Context &context, Socket socket, KeptAlive kept, std::string ahead);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;
    // Closes, with 408 where a request is awaited: the deadline passed, or others wait for the
    // place.
    void give_up();

private:
    enum class Phase : uint8_t { kProxyHeader, kTls, kIdle, kRequest };

    void take_proxy_header();
    void begin_tls();
    void take_tls();
    void fail_proxy(std::string_view why);
    void fail_tls(std::string_view why, bool told);
    void take_request();
    bool take_bytes(std::string_view bytes);
    void begin_request();
    bool identify_client();
    bool speak_for(const sockaddr_storage &client);
    void decide(std::string_view rest);
    bool take_place();
    void open_websocket(UpgradeGate &gate, std::string_view rest);
    void relay(std::string_view rest);
    void refuse(const HttpError &error, Counter counter = Counter::requests_refused);

    const ListenerOptions &listener_;
    HeadReader reader_;
    Timer deadline_;
    Phase phase_ = Phase::kRequest;
    bool by_proxy_;  // X-Forwarded-For is believed: who is known to speak is a trusted proxy
    std::optional<Peer> proxy_;       // it, once the request has said for whom it speaks
    ConnectionLimits::Ticket place_;  // among the relays, when it has been one
    std::string ahead_;
};

}  // namespace wse::net
