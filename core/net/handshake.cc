// SPDX-License-Identifier: MIT
#include "net/handshake.h"

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "net/answer.h"
#include "net/farewell.h"
#include "net/upgrade.h"
#include "net/websocket.h"

namespace wse::net {

Handshake::Handshake(Context &context, Socket socket, const ListenerOptions &listener,
                     bool by_proxy)
    : Stage(context, std::move(socket), context.handshakes),
      listener_(listener),
      reader_(context.limits.max_head_bytes, context.limits.max_headers),
      deadline_([this] { give_up(); }),
      by_proxy_(by_proxy) {
    context_.loop.timers().schedule(deadline_, context_.limits.handshake_timeout_ms);
    if (listener.proxy_protocol) {
        phase_ = Phase::kProxyHeader;
    } else if (listener.certificates) {
        begin_tls();
    }
}

Handshake::Handshake(Context &context, Socket socket, KeptAlive kept, std::string ahead)
    : Stage(context, std::move(socket), ahead.empty() ? context.idle : context.handshakes),
      listener_(kept.listener),
      reader_(context.limits.max_head_bytes, context.limits.max_headers),
      deadline_([this] { give_up(); }),
      phase_(ahead.empty() ? Phase::kIdle : Phase::kRequest),
      by_proxy_(kept.proxy.has_value()),
      place_(std::move(kept.place)),
      ahead_(std::move(ahead)) {
    if (kept.proxy) socket_.speak_again(std::move(*kept.proxy));
    context_.loop.timers().schedule(deadline_, phase_ == Phase::kIdle
                                                   ? context_.limits.relay_keepalive_ms
                                                   : context_.limits.handshake_timeout_ms);
}

void Handshake::on_events(uint32_t) {
    if (!left() && phase_ == Phase::kProxyHeader) take_proxy_header();
    if (!left() && phase_ == Phase::kTls) take_tls();
    if (!left() && (phase_ == Phase::kIdle || phase_ == Phase::kRequest)) take_request();
}

void Handshake::take_request() {
    if (const std::string ahead = std::exchange(ahead_, {}); !ahead.empty() && take_bytes(ahead))
        return;
    // A head has a limit, so reading until the socket is empty is bounded.
    while (!left()) {
        const auto buffer = context_.poller.buffer();
        const ssize_t count = socket_.read(buffer);
        if (count == -EAGAIN) return;
        if (count <= 0) return cut("closed before a request");
        if (phase_ == Phase::kIdle) begin_request();
        take_bytes({buffer.data(), static_cast<size_t>(count)});
    }
}

// True when that was all of the request, and this stage has ended.
bool Handshake::take_bytes(std::string_view bytes) {
    const size_t used = reader_.feed(bytes);
    if (reader_.state() == HeadReader::State::kMore) return false;
    if (reader_.state() == HeadReader::State::kFailed) {
        refuse(reader_.error());
    } else {
        decide(bytes.substr(used));
    }
    return true;
}

void Handshake::begin_request() {
    phase_ = Phase::kRequest;
    move_to(context_.handshakes);
    context_.loop.timers().schedule(deadline_, context_.limits.handshake_timeout_ms);
}

void Handshake::cut(std::string_view why) {
    log::debug("net", "handshake.cut", {{"peer", socket_.peer().ip}, {"why", why}});
    deadline_.cancel();
    place_ = {};  // at once: another one may have been let in for it
    leave();
}

void Handshake::give_up() {
    if (left()) return;
    if (phase_ == Phase::kProxyHeader) return fail_proxy("no header came in time");
    if (phase_ == Phase::kTls) return fail_tls("the handshake was not done in time", false);
    if (phase_ == Phase::kIdle) {
        deadline_.cancel();
        return pass_on(std::make_unique<Farewell>(context_, take_socket(), std::string()));
    }
    refuse({408, "the request did not come in time", {}});
}

void Handshake::decide(std::string_view rest) {
    const Request &request = reader_.request();
    if (by_proxy_) proxy_ = socket_.peer();
    if (by_proxy_ && !identify_client())
        return refuse(too_many_connections(), Counter::connections_refused_limit);
    for (const Route &route : listener_.routes) {
        if (request.head.path != route.path) continue;
        const HttpError error = check_upgrade(request);
        return error.status ? refuse(error) : open_websocket(*route.gate, rest);
    }
    if (!listener_.fallback) return refuse({404, "there is nothing here", {}});
    relay(rest);
}

void Handshake::relay(std::string_view rest) {
    if (!take_place()) {
        return refuse({503, "too many requests are under way; try again later", {}},
                      Counter::relays_refused);
    }
    const Result<int> upstream = listener_.fallback();
    if (!upstream.ok()) {
        log::warn("net", "relay.unreachable", {{"error", upstream.error().text}});
        const int status = upstream.error().status == WSE_EAGAIN ? 503 : 502;
        return refuse({status, "the application behind this server cannot be reached", {}},
                      Counter::relays_failed);
    }
    deadline_.cancel();
    count(Counter::requests_relayed);
    KeptAlive kept{listener_, std::move(proxy_), std::move(place_)};
    pass_on(std::make_unique<Relay>(context_, take_socket(), std::move(kept), *upstream,
                                    reader_.request(), rest));
}

// Among the relays. Who waits for nothing but another request makes room.
bool Handshake::take_place() {
    while (!place_) {
        place_ = context_.shared.admit_relay();
        if (place_) break;
        if (!context_.idle.first) return false;
        context_.idle.first->cut("others wait for its place");
    }
    return true;
}

void Handshake::open_websocket(UpgradeGate &gate, std::string_view rest) {
    const RequestHead &head = reader_.request().head;
    const Refusal refusal = gate.admit(head, socket_.peer());
    if (refusal.status) return refuse({refusal.status, refusal.text, {}});
    deadline_.cancel();
    count(Counter::upgrades);
    auto websocket = std::make_unique<WebSocket>(context_, take_socket());
    WebSocket &opened = *websocket;
    pass_on(std::move(websocket));
    opened.open(gate, head, rest);
}

void Handshake::refuse(const HttpError &error, Counter counter) {
    count(counter);
    log::debug("net", "request.refused", {{"peer", socket_.peer().ip}, {"status", error.status}});
    deadline_.cancel();
    const std::string answer = http_answer(error, reader_.request().head.method);
    pass_on(std::make_unique<Farewell>(context_, take_socket(), answer));
}

}  // namespace wse::net
