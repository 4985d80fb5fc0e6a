// SPDX-License-Identifier: MIT
#include "net/server.h"

#include <utility>

#include "base/log.h"
#include "net/listener.h"
#include "net/stage.h"
#include "net/websocket.h"

namespace wse::net {

Server::Server(Loop &loop, const Clock &clock, const Limits &limits, ConnectionLimits &shared,
               Counters &counters)
    : context_(std::make_unique<Context>(loop, clock, limits, shared, counters)),
      shared_(shared),
      deadline_([this] { cut_all("the server stops"); }) {}

Server::~Server() {
    context_->when_empty = nullptr;
    cut_all("the server stops");
}

Result<void> Server::listen(ListenerOptions options) {
    WSE_ASSERT(context_->loop.on_thread(), "net::Server is used from another thread");
    const std::string name = options.name;
    const std::string path = options.routes.empty() ? "" : options.routes.front().path;
    auto listener = std::make_unique<Listener>(*context_, shared_, std::move(options));
    Result<void> started = listener->start();
    if (!started.ok()) return started;
    log::debug("net", "listener.serve", {{"listener", name}, {"path", path}});
    listeners_.push_back(std::move(listener));
    return {};
}

void Server::stop_accepting() {
    for (const auto &listener : listeners_) listener->stop();
}

void Server::close_all(uint16_t code, std::string_view reason, uint64_t deadline_ms,
                       std::function<void()> done) {
    WSE_ASSERT(context_->loop.on_thread(), "net::Server is used from another thread");
    done_ = std::move(done);
    context_->closing = true;
    context_->when_empty = [this] {
        deadline_.cancel();
        // Later: a connection is just leaving, and `done` may destroy this server.
        context_->loop.post([finished = std::exchange(done_, nullptr)] {
            if (finished) finished();
        });
    };
    if (context_->size() == 0) return context_->when_empty();
    context_->loop.timers().schedule(deadline_, deadline_ms);
    for (Stage *stage = context_->websockets.first; stage;) {
        Stage *const next = stage->next();
        static_cast<WebSocket &>(*stage).close(code, reason);
        stage = next;
    }
    // Relays end with their answer. A tunnel would not: what is in it cannot be told to close.
    for (StageList *list : {&context_->handshakes, &context_->idle, &context_->tunnels}) {
        while (list->first) list->first->cut("the server stops");
    }
}

void Server::cut_all(std::string_view why) {
    // A handler may react to the end of its connection by closing another one, but none appears.
    for (StageList *list : {&context_->handshakes, &context_->websockets, &context_->idle,
                            &context_->tunnels, &context_->others}) {
        while (list->first) list->first->cut(why);
    }
}

size_t Server::websockets() const {
    return context_->websockets.size;
}

size_t Server::connections() const {
    return context_->size();
}

}  // namespace wse::net
