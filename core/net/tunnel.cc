// SPDX-License-Identifier: MIT
#include "net/tunnel.h"

#include <cerrno>
#include <utility>

namespace wse::net {
namespace {

constexpr int kFairRounds = 4;  // buffers in each direction before the others get their turn

}  // namespace

Tunnel::Tunnel(Context &context, Socket client, ConnectionLimits::Ticket place,
               std::unique_ptr<Upstream> upstream, std::string to_upstream, std::string to_client)
    : Stage(context, std::move(client), context.tunnels),
      place_(std::move(place)),
      upstream_(std::move(upstream)),
      deadline_([this] { end(); }) {
    up_.bytes = std::move(to_upstream);
    down_.bytes = std::move(to_client);
    upstream_->belong_to(*this);
    context_.loop.timers().schedule(deadline_, context_.limits.relay_timeout_ms);
    context_.poller.run_again(*this);
}

void Tunnel::on_events(uint32_t events) {
    if (left()) return;
    if (events & EPOLLERR) return end();
    // Whatever happened: TLS may have waited to write before it could read on.
    up_.readable = true;
    pump();
}

void Tunnel::on_upstream(uint32_t events) {
    if (left()) return;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) down_.readable = true;
    pump();
}

void Tunnel::pump() {
    for (int round = 0; round < kFairRounds; ++round) {
        const Moved up = move_up();
        const Moved down = move_down();
        const bool over = up_.told && down_.told;
        if (up == Moved::kBroken || down == Moved::kBroken || over) return end();
        if (up == Moved::kNothing && down == Moved::kNothing) return;
        context_.loop.timers().schedule(deadline_, context_.limits.relay_timeout_ms);
    }
    context_.poller.run_again(*this);
}

template <class Read, class Write, class Tell>
Tunnel::Moved Tunnel::move(Way &way, Read read, Write write, Tell tell) {
    bool moved = false;
    if (!way.bytes.empty()) {
        const ssize_t count = write(way.bytes);
        if (count < 0 && count != -EAGAIN) return Moved::kBroken;
        if (count > 0) way.bytes.erase(0, static_cast<size_t>(count));
        moved = count > 0;
    }
    if (way.bytes.empty() && way.ended && !way.told) way.told = tell();
    if (!way.bytes.empty() || way.ended || !way.readable) {
        return moved ? Moved::kSomething : Moved::kNothing;
    }
    const auto buffer = context_.poller.buffer();
    const ssize_t got = read(buffer);
    if (got == -EAGAIN) {
        way.readable = false;
        return moved ? Moved::kSomething : Moved::kNothing;
    }
    if (got < 0) return Moved::kBroken;
    way.bytes.assign(buffer.data(), static_cast<size_t>(got));
    way.ended = got == 0;
    return Moved::kSomething;
}

Tunnel::Moved Tunnel::move_up() {
    return move(
        up_, [this](std::span<char> into) { return socket_.read(into); },
        [this](std::string_view bytes) { return upstream_->write(bytes); },
        [this] {
            upstream_->shut_down_writing();
            return true;
        });
}

Tunnel::Moved Tunnel::move_down() {
    return move(
        down_, [this](std::span<char> into) { return upstream_->read(into); },
        [this](std::string_view bytes) { return socket_.write(bytes); },
        [this] { return socket_.shut_down_writing(); });
}

void Tunnel::cut(std::string_view) {
    end();
}

void Tunnel::end() {
    Upstream::end(std::move(upstream_));
    deadline_.cancel();
    leave();
}

}  // namespace wse::net
