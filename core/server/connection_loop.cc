// SPDX-License-Identifier: MIT
#include "server/connection_loop.h"

#include "session/session.h"

namespace wse::server {

ConnectionLoop::ConnectionLoop(hub::LoopIndex index, const Clock &clock, const net::Limits &limits,
                               net::ConnectionLimits &shared, HubThread &hub)
    : loop_("loop-" + std::to_string(index), clock),
      context_(index, clock, loop_.timers(), counters_, hub),
      port_(loop_, [this](Delivery &delivery) { take(delivery); }),
      sockets_(std::make_unique<net::Server>(loop_, clock, limits, shared, counters_)) {}

Result<void> ConnectionLoop::listen(int fd, size_t listener,
                                    const session::GenerationRef &generation,
                                    net::Connector fallback, net::Certificates *certificates) {
    const config::Listen &settings = generation->settings->listeners[listener];
    std::vector<Network> trusted;
    for (const std::string &text : settings.trusted_proxies) {
        auto network = Network::parse(text);
        if (!network) return network.error();
        trusted.push_back(*network);
    }
    gates_.push_back(std::make_unique<session::Gate>(context_, generation, listener));
    std::vector<net::Route> routes = {{settings.path, gates_.back().get()}};
    if (const std::string &echo = generation->settings->dev.echo; !echo.empty()) {
        echoes_.push_back(std::make_unique<net::EchoGate>(*gates_.back()));
        routes.push_back({echo, echoes_.back().get()});
    }
    return sockets_->listen({.name = settings.name,
                             .fd = fd,
                             .routes = std::move(routes),
                             .fallback = std::move(fallback),
                             .certificates = certificates,
                             .trusted_proxies = std::move(trusted),
                             .proxy_protocol = settings.proxy_protocol});
}

namespace {

// What each kind of delivery is to the sessions of a loop.
struct Taker {
    session::Context &context;

    void operator()(const proto::MessageRef &message) const { context.on_message(message); }
    void operator()(const MemberDelivery &share) const {
        context.on_member(share.session, share.group, share.message);
    }
    void operator()(const hub::NoticeRef &notice) const { context.on_notice(*notice); }
    void operator()(SubscribedAnswer &answer) const {
        context.on_subscribed(answer.origin, std::move(answer.topics));
    }
    void operator()(const ReplayedAnswer &answer) const {
        context.on_replayed(answer.origin, answer.part);
    }
    void operator()(const SyncedAnswer &answer) const {
        context.on_synced(answer.origin, answer.state);
    }
    void operator()(const PublishedAnswer &answer) const {
        context.on_published(answer.origin, answer.position);
    }
    void operator()(const session::SnapshotDelivery &state) const { context.on_snapshot(state); }
};

}  // namespace

void ConnectionLoop::take(Delivery &delivery) {
    std::visit(Taker{context_}, delivery);
}

void ConnectionLoop::begin_close(uint16_t code, std::string_view reason, uint64_t deadline_ms,
                                 std::function<void()> done) {
    loop_.post([this, code, deadline_ms, text = std::string(reason), done = std::move(done)] {
        context_.draining = true;
        sockets_->stop_accepting();
        // The sessions first, so that each knows that it has said goodbye.
        std::vector<session::Session *> sessions;
        for (const auto &[serial, session] : context_.sessions) sessions.push_back(session);
        for (session::Session *session : sessions) session->close(code, text);
        sockets_->close_all(code, text, deadline_ms, done);
    });
}

void ConnectionLoop::stop() {
    loop_.stop();
    sockets_.reset();
}

}  // namespace wse::server
