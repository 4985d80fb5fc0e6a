// SPDX-License-Identifier: MIT
// The part of Relay that brings the answer back, and what the connection becomes after it.
#include <cerrno>
#include <utility>

#include "net/farewell.h"
#include "net/handshake.h"
#include "net/relay.h"
#include "net/tunnel.h"

namespace wse::net {
namespace {

constexpr const char *kInvalid = "the application behind this server gave no valid answer";

}  // namespace

// True when bytes moved.
bool Relay::move_answer() {
    bool moved = false;
    if (!to_client_.empty()) {
        const ssize_t count = socket_.write(to_client_);
        if (count < 0 && count != -EAGAIN) {
            end();
            return true;
        }
        if (count > 0) to_client_.erase(0, static_cast<size_t>(count));
        if (count > 0) client_bytes_ += static_cast<size_t>(count);
        moved = count > 0;
    }
    if (!to_client_.empty()) return moved;
    if (answer_body_ && answer_body_->done()) {
        finish();
        return true;
    }
    if (!upstream_ || !upstream_readable_) return moved;
    const auto buffer = context_.poller.buffer();
    const ssize_t got = upstream_->read(buffer);
    if (got == -EAGAIN) {
        upstream_readable_ = false;
        return moved;
    }
    if (got > 0) {
        take_answer({buffer.data(), static_cast<size_t>(got)});
    } else {
        end_answer(got < 0);
    }
    return true;
}

void Relay::take_answer(std::string_view bytes) {
    while (!left() && !answer_body_ && !bytes.empty()) {
        bytes.remove_prefix(answer_.feed(bytes));
        if (answer_.state() == AnswerReader::State::kMore) return;
        if (answer_.state() == AnswerReader::State::kFailed) return refuse(502, kInvalid);
        if (answer_.head().status == 101) return open_tunnel(bytes);
        begin_answer();
    }
    if (left() || !answer_body_) return;
    answer_body_->feed(bytes, to_client_);
    if (answer_body_->failed()) return end();
    // What an application says behind its answer is for nobody.
    if (answer_body_->done()) Upstream::end(std::move(upstream_));
}

void Relay::begin_answer() {
    const AnswerHead &head = answer_.head();
    if (head.is_interim()) {
        // "100 Continue", "103 Early Hints": another head follows. HTTP/1.0 knows nothing of them.
        if (minor_version_ > 0) to_client_ += forwarded_answer(head, {});
        answer_ = AnswerReader(method_ == "HEAD");
        return;
    }
    // A request that is not whole has no end at which the next one could begin.
    const bool keeps =
        keeps_ && body_.done() && !context_.closing && context_.limits.relay_keepalive_ms > 0;
    const AnswerForm form = answer_form(head, minor_version_, keeps);
    keeps_ = !form.closes;
    ends_by_closing_ =
        !form.chunked && head.body != BodyKind::kLength && head.body != BodyKind::kNone;
    to_client_ += forwarded_answer(head, form);
    answer_body_.emplace(head.body, head.content_length, form.chunked);
}

// `broken`: by an error, so that nobody knows whether that was all.
void Relay::end_answer(bool broken) {
    upstream_readable_ = false;
    if (!answer_body_) return refuse(502, "the application behind this server gave no answer");
    // Cut short: the client must not take it for the whole answer.
    if (broken || !answer_body_->end(to_client_)) return end();
    Upstream::end(std::move(upstream_));
}

void Relay::finish() {
    Upstream::end(std::move(upstream_));
    deadline_.cancel();
    if (keeps_ && !context_.closing) {
        return pass_on(std::make_unique<Handshake>(context_, take_socket(), std::move(kept_),
                                                   std::move(ahead_)));
    }
    pass_on(std::make_unique<Farewell>(context_, take_socket(), std::string()));
}

void Relay::open_tunnel(std::string_view rest) {
    if (!wants_websocket_) return refuse(502, kInvalid);
    to_client_ += forwarded_answer(answer_.head(), {});
    to_client_ += rest;
    deadline_.cancel();
    pass_on(std::make_unique<Tunnel>(context_, take_socket(), std::move(kept_.place),
                                     std::move(upstream_), std::move(ahead_),
                                     std::move(to_client_)));
}

}  // namespace wse::net
