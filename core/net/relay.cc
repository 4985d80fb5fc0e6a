// SPDX-License-Identifier: MIT
#include "net/relay.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/answer.h"
#include "net/farewell.h"
#include "net/forward.h"

namespace wse::net {
namespace {

constexpr const char *kMalformed = "the chunks of the body are malformed";
constexpr int kFairRounds = 4;  // buffers in each direction before the others get their turn

int pending_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

// What a write took; true when that was something.
bool take_off(std::string &bytes, ssize_t count, ssize_t &failure) {
    if (count < 0) {
        if (count != -EAGAIN) failure = count;
        return false;
    }
    bytes.erase(0, static_cast<size_t>(count));
    return true;
}

}  // namespace

Relay::Relay(Context &context, Socket client, int upstream, const Request &request,
             std::string_view rest)
    : Stage(context, std::move(client), context.others),
      upstream_(*this, upstream),
      body_(request),
      to_upstream_(forwarded_head(request, socket_.peer(), socket_.is_tls())),
      method_(request.head.method),
      deadline_([this] { on_deadline(); }) {
    context_.loop.timers().schedule(deadline_, context_.limits.relay_connect_ms);
    upstream_ended_ = !context_.poller.watch(upstream, upstream_).ok();
    // Judged when the poller calls: a stage may not end inside its constructor.
    malformed_ = !body_.feed(rest, to_upstream_);
    context_.poller.run_again(*this);
}

Relay::~Relay() {
    drop_upstream();
}

void Relay::on_events(uint32_t events) {
    if (left()) return;
    if (events & EPOLLERR) return end();
    if (malformed_) return refuse(400, kMalformed);
    // Whatever happened: TLS may have waited to write before it could read on.
    client_readable_ = true;
    pump();
}

void Relay::on_upstream(uint32_t events) {
    if (left()) return;
    if (!connected_) {
        if (const int error = pending_error(upstream_.fd_); error != 0) {
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
    ssize_t failure = 0;
    if (connected_ && !upstream_deaf_ && !to_upstream_.empty()) {
        moved = take_off(to_upstream_, Socket::write_to(upstream_.fd_, to_upstream_), failure);
    }
    // It may have answered already, without reading all of the request.
    if (failure) upstream_deaf_ = true;
    if (upstream_deaf_) to_upstream_.clear();
    if (!to_upstream_.empty() || !client_readable_ || body_.done() || upstream_deaf_) return moved;

    const auto buffer = context_.poller.buffer();
    const ssize_t got = socket_.read(buffer);
    if (got == -EAGAIN) {
        client_readable_ = false;
        return moved;
    }
    if (got <= 0) {
        end();
    } else if (!body_.feed({buffer.data(), static_cast<size_t>(got)}, to_upstream_)) {
        refuse(400, kMalformed);
    }
    return true;
}

bool Relay::move_answer() {
    ssize_t failure = 0;
    const bool moved =
        !to_client_.empty() && take_off(to_client_, socket_.write(to_client_), failure);
    if (failure) {
        end();
        return true;
    }
    if (!to_client_.empty()) return moved;
    if (upstream_readable_ && !upstream_ended_) {
        const auto buffer = context_.poller.buffer();
        const ssize_t got = Socket::read_from(upstream_.fd_, buffer);
        if (got > 0) {
            if (!answer_head_.feed({buffer.data(), static_cast<size_t>(got)}, to_client_)) {
                refuse(502, "the application behind this server gave no valid answer");
            } else if (!to_client_.empty()) {
                answered_ = true;
            }
            return true;
        }
        if (got == -EAGAIN) {
            upstream_readable_ = false;
        } else if (got < 0 && answered_) {
            end();  // cut short: the client must not take it for the whole answer
        } else {
            upstream_ended_ = true;
        }
    }
    if (upstream_ended_ && !left()) {
        if (!answered_) {
            refuse(502, "the application behind this server gave no answer");
        } else {
            drop_upstream();
            deadline_.cancel();
            pass_on(std::make_unique<Farewell>(context_, take_socket(), std::string()));
        }
    }
    return moved;
}

void Relay::refuse(int status, const char *text) {
    if (answered_) return end();
    count(status < 500 ? Counter::requests_refused : Counter::relays_failed);
    drop_upstream();
    deadline_.cancel();
    const std::string answer = http_answer({status, text, {}}, method_);
    pass_on(std::make_unique<Farewell>(context_, take_socket(), answer));
}

void Relay::on_deadline() {
    if (!left()) refuse(504, "the application behind this server did not answer in time");
}

void Relay::touch() {
    context_.loop.timers().schedule(deadline_, context_.limits.relay_idle_ms);
}

void Relay::cut(std::string_view) {
    end();
}

void Relay::end() {
    drop_upstream();
    deadline_.cancel();
    leave();
}

void Relay::drop_upstream() {
    if (upstream_.fd_ < 0) return;
    context_.poller.forget(upstream_.fd_, upstream_);
    ::close(upstream_.fd_);
    upstream_.fd_ = -1;
}

}  // namespace wse::net
