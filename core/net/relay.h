// SPDX-License-Identifier: MIT
// Relay: one request that is not for a WebSocket path, to the fallback over a connection of its
// own, and its answer back. Bodies stream: each direction holds back its source while its sink does
// not take more. Then the client's connection goes back to Handshake for the next request, becomes
// a Tunnel to a WebSocket of the application's, or ends. The request's query may carry a token:
// nothing here logs it.
#pragma once

#include <optional>
#include <string>

#include "loop/timer_wheel.h"
#include "net/answer_head.h"
#include "net/body.h"
#include "net/patience.h"
#include "net/stage.h"
#include "net/upstream.h"

namespace wse::net {

struct ListenerOptions;

// What stays with a connection from one request to the next.
struct KeptAlive {
    const ListenerOptions &listener;
    std::optional<Peer> proxy;       // the trusted one that speaks on it, for whoever it says
    ConnectionLimits::Ticket place;  // among the relays
};

class Relay final : public Stage, public Upstream::Owner {
public:
    // Takes over `upstream`, which may still be connecting. `rest`: what came behind the head.
    Relay(Context &context, Socket client, KeptAlive kept, int upstream, const Request &request,
          std::string_view rest);

    void on_events(uint32_t events) override;
    void cut(std::string_view why) override;

private:
    void on_upstream(uint32_t events) override;
    void pump();
    bool move_request();
    void read_ahead();
    void take_from_client(std::string_view bytes);
    bool move_answer();
    void take_answer(std::string_view bytes);
    void begin_answer();
    void end_answer(bool broken);
    void finish();
    void open_tunnel(std::string_view rest);
    void refuse(int status, const char *text);
    bool waits_for_client() const;
    void on_deadline();
    void touch();
    void end();

    KeptAlive kept_;
    std::unique_ptr<Upstream> upstream_;  // null: there is no more to get from it
    BodyFramer body_;
    std::string to_upstream_;  // at most one head and one buffer, framed anew
    std::string ahead_;        // what the client has sent behind its request
    AnswerReader answer_;
    std::optional<BodyFramer> answer_body_;  // its head has gone to the client
    std::string to_client_;                  // at most one head and one buffer
    std::string method_;
    uint8_t minor_version_;
    bool keeps_;  // the client wants to send another request
    bool wants_websocket_;
    bool connected_ = false;
    bool client_readable_ = true;  // edge-triggered: until a read says otherwise
    bool upstream_readable_ = false;
    bool upstream_deaf_ = false;       // takes no more of the request, but may still answer
    bool ends_by_closing_ = false;     // the client knows no other end of this answer
    bool waiting_for_client_ = false;  // since since_ms_
    uint64_t since_ms_;
    uint64_t client_bytes_ = 0;  // moved since then
    Patience patience_;
    Timer deadline_;
};

}  // namespace wse::net
