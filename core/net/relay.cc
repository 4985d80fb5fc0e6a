// SPDX-License-Identifier: MIT
#include "net/relay.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "net/answer.h"
#include "net/farewell.h"
#include "net/forward.h"

namespace wse::net {
namespace {

constexpr const char *kMalformed = "the chunks of the body are malformed";
constexpr int kFairRounds = 4;  // buffers in each direction before the others get their turn

}  // namespace

Relay::Relay(Context &context, Socket client, KeptAlive kept, int upstream, const Request &request,
             std::string_view rest)
    : Stage(context, std::move(client), context.others),
      kept_(std::move(kept)),
      upstream_(std::make_unique<Upstream>(context.poller, upstream, *this)),
      body_(request),
      to_upstream_(forwarded_head(request, socket_.peer(), socket_.is_tls())),
      answer_(request.head.method == "HEAD"),
      method_(request.head.method),
      minor_version_(request.minor_version),
      keeps_(request.minor_version > 0 && !has_token(request.head, "connection", "close")),
      wants_websocket_(wants_websocket(request)),
      since_ms_(context.clock.monotonic_ms()),
      patience_(context.limits.relay_timeout_ms),
      deadline_([this] { on_deadline(); }) {
    context_.loop.timers().schedule(deadline_, context_.limits.relay_connect_ms);
    // Judged when the poller calls: a stage may not end inside its constructor.
    ahead_ = rest.substr(body_.feed(rest, to_upstream_));
    context_.poller.run_again(*this);
}

void Relay::on_events(uint32_t events) {
    if (left()) return;
    if (events & EPOLLERR) return end();
    if (body_.failed()) return refuse(400, kMalformed);
    if (upstream_ && !upstream_->is_watched()) {
        return refuse(502, "the application behind this server cannot be reached");
    }
    // Whatever happened: TLS may have waited to write before it could read on.
    client_readable_ = true;
    pump();
}

void Relay::on_upstream(uint32_t events) {
    if (left()) return;
    if (!connected_) {
        if (const int error = upstream_->connect_error(); error != 0) {
            log::warn("net", "relay.unreachable", {{"error", std::strerror(error)}});
            return refuse(502, "the application behind this server cannot be reached");
        }
        if ((events & EPOLLOUT) == 0) return;
        connected_ = true;
        touch();
    }
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) upstream_readable_ = true;
    pump();
}

void Relay::pump() {
    for (int round = 0; round < kFairRounds; ++round) {
        if (body_.done()) read_ahead();
        const bool request_moved = !left() && move_request();
        const bool answer_moved = !left() && move_answer();
        if (left()) return;
        if (!request_moved && !answer_moved) return;
        touch();
    }
    context_.poller.run_again(*this);
}

// True when bytes moved.
bool Relay::move_request() {
    bool moved = false;
    if (connected_ && upstream_ && !upstream_deaf_ && !to_upstream_.empty()) {
        const ssize_t count = upstream_->write(to_upstream_);
        // It may have answered already, without reading all of the request.
        if (count < 0 && count != -EAGAIN) upstream_deaf_ = true;
        if (count > 0) to_upstream_.erase(0, static_cast<size_t>(count));
        moved = count > 0;
    }
    if (upstream_deaf_ || !upstream_) to_upstream_.clear();
    if (!to_upstream_.empty() || !client_readable_ || body_.done() || upstream_deaf_) return moved;

    const auto buffer = context_.poller.buffer();
    const ssize_t got = socket_.read(buffer);
    if (got == -EAGAIN) {
        client_readable_ = false;
        return moved;
    }
    if (got > 0) {
        take_from_client({buffer.data(), static_cast<size_t>(got)});
    } else {
        end();
    }
    return true;
}

// What follows the request waits here, where it shows that the client is still there. It brings
// this request no further, so nobody gets more time for it.
void Relay::read_ahead() {
    const size_t most = context_.limits.max_head_bytes;
    while (!left() && client_readable_ && ahead_.size() < most) {
        const auto buffer = context_.poller.buffer();
        const ssize_t got =
            socket_.read(buffer.first(std::min(buffer.size(), most - ahead_.size())));
        if (got > 0) {
            ahead_.append(buffer.data(), static_cast<size_t>(got));
        } else if (got == -EAGAIN || (got == 0 && !ahead_.empty())) {
            client_readable_ = false;  // or it has asked for more, and gets its answers
        } else {
            end();
        }
    }
}

void Relay::take_from_client(std::string_view bytes) {
    const size_t used = body_.feed(bytes, to_upstream_);
    client_bytes_ += used;
    ahead_ += bytes.substr(used);
    if (body_.failed()) refuse(400, kMalformed);
}

void Relay::refuse(int status, const char *text) {
    if (answer_body_) return end();
    count(status < 500 ? Counter::requests_refused : Counter::relays_failed);
    Upstream::end(std::move(upstream_));
    deadline_.cancel();
    const std::string answer = to_client_ + http_answer({status, text, {}}, method_);
    pass_on(std::make_unique<Farewell>(context_, take_socket(), answer));
}

bool Relay::waits_for_client() const {
    const bool for_body =
        connected_ && !upstream_deaf_ && to_upstream_.empty() && !body_.done() && upstream_;
    return for_body || !to_client_.empty();
}

void Relay::on_deadline() {
    if (left()) return;
    if (waiting_for_client_) return refuse(408, "the body of the request did not come in time");
    refuse(504, "the application behind this server did not answer in time");
}

// Something has moved: who is waited for from now on, and for how long.
void Relay::touch() {
    if (!connected_) return;
    const uint64_t now = context_.clock.monotonic_ms();
    if (waiting_for_client_) patience_.spend(now - since_ms_);
    patience_.earn(client_bytes_);
    client_bytes_ = 0;
    since_ms_ = now;
    waiting_for_client_ = waits_for_client();
    context_.loop.timers().schedule(
        deadline_, waiting_for_client_ ? patience_.left_ms() : context_.limits.relay_timeout_ms);
}

void Relay::cut(std::string_view) {
    end();
}

void Relay::end() {
    if (ends_by_closing_) socket_.reset_on_close();
    Upstream::end(std::move(upstream_));
    deadline_.cancel();
    leave();
}

}  // namespace wse::net
