// SPDX-License-Identifier: MIT
// The part of WebSocket that reads and writes.
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/farewell.h"
#include "net/websocket.h"

namespace wse::net {
namespace {

// Peers get an answer to each of a burst of pings; a flood is answered by the latest alone
// (RFC 6455 section 5.5.3).
constexpr uint16_t kMaxPongs = 16;
constexpr uint16_t kInvalidData = 1007;
constexpr uint16_t kTooBig = 1009;
constexpr uint16_t kInternalError = 1011;
constexpr size_t kPiecesPerWrite = 256;  // many small frames share a packet, and a TLS record
constexpr size_t kFairWrite = 1 << 20;   // bytes of one connection before the others get their turn

std::string socket_error(ssize_t negated) {
    return std::strerror(static_cast<int>(-negated));
}

}  // namespace

void WebSocket::on_events(uint32_t events) {
    if (phase_ == Phase::kEnded) return;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_ended_ = true;
    if (socket_.may_write(events) && !outbox_.empty()) context_.poller.flush_later(*this);
    // Paused, nobody would read the end; a reset has nothing left to read.
    if (paused_ && (events & EPOLLERR)) return end("connection reset");
    read();
}

void WebSocket::read() {
    if (paused_ || phase_ >= Phase::kEnding) return;
    if (!held_.empty()) {
        std::string held = std::move(held_);
        held_ = std::string();
        const size_t used = held_at_ + take_in(std::span(held).subspan(held_at_));
        held_at_ = 0;
        if (phase_ >= Phase::kEnding) return;
        if (paused_) {
            if (used == held.size()) return;
            held_ = std::move(held);
            held_at_ = static_cast<uint32_t>(used);
            return;
        }
    }
    const auto buffer = context_.poller.buffer();
    const ssize_t got = socket_.read(buffer);
    if (got == -EAGAIN) return;
    if (got == 0) return end("the peer ended without a close frame");
    if (got < 0) return end(socket_error(got));
    const auto bytes = buffer.first(static_cast<size_t>(got));
    count(Counter::bytes_received, bytes.size());
    const size_t used = take_in(bytes);
    if (phase_ >= Phase::kEnding) return;
    if (paused_) {
        held_.assign(bytes.data() + used, bytes.size() - used);
    } else if (bytes.size() == buffer.size() || peer_ended_ || socket_.has_more()) {
        context_.poller.run_again(*this);
    }
}

size_t WebSocket::take_in(std::span<char> bytes) {
    auto rest = bytes;
    while (!paused_ && phase_ < Phase::kEnding) {
        const FrameEvent event = parser_.next(rest);
        if (event.kind == FrameEvent::Kind::kNeedMore) break;
        take_event(event);
    }
    return bytes.size() - rest.size();
}

void WebSocket::take_event(const FrameEvent &event) {
    using Kind = FrameEvent::Kind;
    if (event.kind == Kind::kError) return fail(event.code, event.payload);
    if (event.kind == Kind::kClose) {
        return say_goodbye(Phase::kEnding, {event.code, true, std::string(event.payload)},
                           phase_ == Phase::kOpen);
    }
    // After our close frame only the peer's is waited for.
    if (phase_ != Phase::kOpen) return;
    handler_->on_activity();
    if (phase_ != Phase::kOpen) return;
    if (event.kind == Kind::kPing || event.kind == Kind::kPong) handler_->on_control();
    if (phase_ != Phase::kOpen) return;
    if (event.kind == Kind::kPing) answer_ping(event.payload);
    if (event.kind == Kind::kPong) handler_->on_pong(event.payload);
    if (event.kind == Kind::kText || event.kind == Kind::kBinary) take_message(event);
}

void WebSocket::take_message(const FrameEvent &event) {
    count(Counter::messages_received);
    std::string decoded;
    if (event.encoded && !decode(event, decoded)) return;
    const std::string_view message = event.encoded ? std::string_view(decoded) : event.payload;
    event.kind == FrameEvent::Kind::kText ? handler_->on_text(message)
                                          : handler_->on_binary(message);
}

// False: the connection fails.
bool WebSocket::decode(const FrameEvent &event, std::string &out) {
    const size_t limit = context_.limits.max_message_bytes;
    const int32_t status = extension_->decode(event.payload, limit, out);
    if (status == WSE_ETOOBIG) {
        fail(kTooBig, "message is too big when it is decoded");
    } else if (status == WSE_EINVAL) {
        fail(kInvalidData, "message cannot be decoded");
    } else if (status != WSE_OK) {
        fail(kInternalError, "the extension failed");
    } else if (event.kind == FrameEvent::Kind::kText && !is_utf8(out)) {
        fail(kInvalidData, "text is not valid UTF-8");
    } else {
        return true;
    }
    return false;
}

void WebSocket::answer_ping(std::string_view payload) {
    FrameRef pong = make_frame(Opcode::kPong, payload);
    if (pongs_ < kMaxPongs) {
        ++pongs_;
        outbox_.push(std::move(pong));
    } else {
        late_pong_ = std::move(pong);
    }
    context_.poller.flush_later(*this);
}

// Leaves an error for flush(): the caller may be the session, in the middle of something.
void WebSocket::write() {
    std::array<iovec, kPiecesPerWrite> pieces;
    size_t total = 0;
    while (!outbox_.empty() && total < kFairWrite) {
        const size_t filled = outbox_.gather(pieces);
        const ssize_t written = socket_.write(std::span(pieces).first(filled));
        if (written == -EAGAIN) return;
        if (written < 0) {
            write_failed_ = true;
            return;
        }
        outbox_.consume(static_cast<size_t>(written));
        total += static_cast<size_t>(written);
        count(Counter::bytes_sent, static_cast<uint64_t>(written));
    }
    if (!outbox_.empty()) context_.poller.flush_later(*this);
}

void WebSocket::flush() {
    if (phase_ == Phase::kEnded) return;
    write();
    if (write_failed_) return end("the peer is gone");
    if (!outbox_.empty()) return;
    pongs_ = 0;
    if (late_pong_ && phase_ == Phase::kOpen) {
        pongs_ = 1;
        outbox_.push(std::exchange(late_pong_, FrameRef()));
        context_.poller.flush_later(*this);
        return;
    }
    if (phase_ == Phase::kEnding) return finish();
    if (phase_ != Phase::kOpen || !drain_due_) return;
    drain_due_ = false;
    handler_->on_drained();
}

// Both sides have said what they had to say.
void WebSocket::finish() {
    notify_closed("");
    pass_on(std::make_unique<Farewell>(context_, take_socket(), std::string()));
}

// The socket ends, with or without a close handshake.
void WebSocket::end(std::string_view why) {
    if (phase_ == Phase::kEnded) return;
    notify_closed(why);
    leave();
}

void WebSocket::notify_closed(std::string_view why) {
    CloseReason reason{kNoCloseFrame, false, std::string(why)};
    if (goodbye_) {
        reason = std::move(goodbye_->reason);
        goodbye_->deadline.cancel();
    }
    phase_ = Phase::kEnded;
    log::debug("net", "connection.closed",
               {{"conn", id_}, {"code", reason.code}, {"by_peer", reason.by_peer ? "yes" : "no"}});
    if (handler_) handler_->on_closed(reason);
    handler_.reset();
}

}  // namespace wse::net
