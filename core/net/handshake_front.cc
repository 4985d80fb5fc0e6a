// SPDX-License-Identifier: MIT
// The part of Handshake that comes before the request: who connects, and TLS.
#include <cerrno>

#include "base/log.h"
#include "net/certificates.h"
#include "net/farewell.h"
#include "net/forwarded_for.h"
#include "net/handshake.h"
#include "net/proxy_header.h"

namespace wse::net {

// Looks before it takes: what follows the header is for TLS.
void Handshake::take_proxy_header() {
    if (!by_proxy_) return fail_proxy("the peer is no trusted proxy");
    const auto room = context_.poller.buffer().first(kMaxProxyHeaderBytes);
    const ssize_t got = socket_.peek(room);
    if (got == -EAGAIN) return;
    if (got <= 0) return fail_proxy("the peer ended");
    const ProxyHeader header = read_proxy_header({room.data(), static_cast<size_t>(got)});
    if (header.state == ProxyHeader::State::kMalformed) return fail_proxy("malformed or missing");
    if (header.state == ProxyHeader::State::kMore) return;
    socket_.read(room.first(header.size));
    if (header.client && !speak_for(*header.client)) {
        count(Counter::connections_refused_limit);
        return cut("its address has too many connections");
    }
    // The proxy speaks for itself, or for somebody it does not know: whatever the request then says
    // of where it comes from, that somebody may have written.
    if (!header.client) by_proxy_ = false;
    phase_ = Phase::kRequest;
    if (listener_.certificates) begin_tls();
}

// Its client may be another proxy, nearer to the client.
bool Handshake::speak_for(const sockaddr_storage &client) {
    by_proxy_ = any_contains(listener_.trusted_proxies, client);
    return socket_.speak_for(client, by_proxy_);
}

void Handshake::fail_proxy(std::string_view why) {
    count(Counter::proxies_refused);
    log::info("net", "proxy.refused",
              {{"listener", listener_.name}, {"peer", socket_.peer().ip}, {"why", why}});
    cut(why);
}

void Handshake::begin_tls() {
    socket_.begin_tls(listener_.certificates->current());
    phase_ = Phase::kTls;
}

void Handshake::take_tls() {
    TlsStream &tls = *socket_.tls();
    const ssize_t outcome = tls.handshake();
    if (outcome == -EAGAIN) return;
    if (outcome != 0) return fail_tls(tls.error(), outcome == -EPROTO);
    count(Counter::tls_handshakes);
    socket_.end_handshake();
    phase_ = Phase::kRequest;
}

// `told`: the peer has been sent an alert, and gets time to read it.
void Handshake::fail_tls(std::string_view why, bool told) {
    count(Counter::tls_failures);
    log::info("net", "tls.failed",
              {{"listener", listener_.name}, {"peer", socket_.peer().ip}, {"error", why}});
    if (!told) return cut(why);
    const bool plain_http = socket_.tls()->is_plain_http();
    socket_.drop_tls();
    if (plain_http) {
        return refuse({400, "this port speaks TLS: connect to it with https:// or wss://", {}});
    }
    deadline_.cancel();
    pass_on(std::make_unique<Farewell>(context_, take_socket(), std::string()));
}

// By what the trusted proxy says. False: its client has too many connections.
bool Handshake::identify_client() {
    Request &request = reader_.request();
    request.proxy_ip = socket_.peer().ip;
    const auto client = forwarded_client(request.head, listener_.trusted_proxies);
    return !client || speak_for(*client);
}

}  // namespace wse::net
