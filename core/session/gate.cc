// SPDX-License-Identifier: MIT
#include "session/gate.h"

#include "base/log.h"
#include "session/request_fields.h"
#include "session/session.h"

namespace wse::session {

net::Refusal Gate::admit(const net::RequestHead &head, const net::Peer &peer) {
    if (context_.draining) return {503, "the server is going away; connect again in a moment"};
    if (!origin_allowed(head, generation_->settings->listeners[listener_])) {
        log::info("session", "session.origin_refused",
                  {{"ip", peer.ip}, {"origin", head.header("origin").substr(0, 256)}});
        observe_refusal(peer);
        return {403, "this origin may not connect"};
    }
    return {};
}

void Gate::observe_refusal(const net::Peer &peer) const {
    if (!context_.observes(WSE_OBSERVE_REFUSED)) return;
    context_.observations->add({.event = WSE_OBSERVE_REFUSED,
                                .time_ms = context_.clock.wall_ms(),
                                .peer = peer.ip,
                                .listener = generation_->settings->listeners[listener_].name,
                                .detail = "ORIGIN_NOT_ALLOWED"});
}

std::unique_ptr<net::Extension> Gate::extend(const net::RequestHead &head) {
    const auto desk =
        generation_->extensions.find(generation_->settings->listeners[listener_].extension);
    if (desk == generation_->extensions.end()) return nullptr;
    const auto offers = net::extension_offers(head);
    return offers ? desk->second->open(*offers) : nullptr;
}

std::unique_ptr<net::MessageHandler> Gate::open(net::Connection &connection,
                                                const net::RequestHead &head) {
    return std::make_unique<Session>(context_, generation_, listener_, connection, head);
}

}  // namespace wse::session
