// SPDX-License-Identifier: MIT
// Batches, both ways. What is gathered leaves before anything else does, so that the order of all
// messages stays what it is.
#include "session/batch.h"

#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {

// Only for a client that reads: what waits for another one does so in its backlog, where the
// topic's policy decides about each message. A signature is of one message.
bool Session::gathers(const proto::Message &message) const {
    return batching_.enabled && !message.handling.stamped && state_ == State::kOpen && is_clear() &&
           !has_signed(message.publication.type);
}

bool Session::gather(const proto::MessageRef &message, const net::FrameRef &frame) {
    const size_t size = frame->wire().size();
    // A batch has room in the socket's own queue; a larger message leaves alone.
    const size_t limit = direct_bytes();
    if (batch_ && batch_->bytes + size > limit && !flush_batch()) return false;
    if (size > limit) return give_alone(message, frame);
    if (!batch_) {
        batch_ = std::make_unique<Batch>([this] {
            if (!flush_batch()) on_overflow();
        });
    }
    if (batch_->messages.empty()) context_.timers.schedule(batch_->timer, batching_.timeout_ms);
    batch_->messages.push_back({frame, message, message->handling.slow, context_.timers.now_ms()});
    batch_->bytes += size;
    ++messages_out_;
    return batch_->messages.size() < batching_.size || flush_batch();
}

// False: there is no room for one that must not be dropped.
bool Session::flush_batch() {
    if (!batch_ || batch_->messages.empty()) return true;
    batch_->timer.cancel();
    batch_->bytes = 0;
    auto gathered = std::exchange(batch_->messages, {});
    // What was news when it came may be old now.
    for (Waiting &waiting : gathered) waiting.frame = up_to_date(waiting);
    if (gathered.size() > 1 && is_clear()) {
        std::vector<std::string_view> texts;
        texts.reserve(gathered.size());
        for (const Waiting &waiting : gathered) texts.push_back(waiting.frame->payload());
        if (put(net::Frame::text(proto::batch(texts)))) return true;
    }
    messages_out_ -= gathered.size();  // counted again, those that leave
    for (const Waiting &waiting : gathered) {
        if (!give_alone(waiting.message, waiting.frame)) return false;
    }
    return true;
}

void Session::on_batch(const proto::ClientMessage &message) {
    const auto items = proto::parse_batch(message.payload);
    if (!items) {
        const bool too_many = items.error().status == WSE_ETOOBIG;
        context_.counters.add(Counter::batches_refused);
        return send_error(
            {.code = too_many ? proto::error::kTooLarge : proto::error::kInvalidMessage,
             .text = items.error().text,
             .request_id = message.id});
    }
    std::vector<proto::BatchItem> results;
    for (const auto item : *items) {
        if (state_ == State::kClosed) return;
        results.push_back(take_item(item));
    }
    send(proto::batch_message_result(results));
}

// Success: it was taken, and is answered as if it had come alone.
proto::BatchItem Session::take_item(std::string_view item) {
    ++messages_in_;
    if (!within_rate())
        return {.code = proto::error::kRateLimited, .error = "too many messages; slow down"};
    const auto parsed = proto::parse_client_message(item, context_.scratch);
    if (!parsed) {
        context_.counters.add(Counter::messages_malformed);
        return {.code = proto::error::kInvalidMessage, .error = parsed.error().text};
    }
    if (parsed->type == "batch" || parsed->type == "batch_message") {
        context_.counters.add(Counter::batches_refused);
        return {.code = proto::error::kInvalidMessage, .error = "a batch inside a batch"};
    }
    if (!takes_type(parsed->type)) {
        context_.counters.add(Counter::messages_unhandled);
        return {.code = proto::error::kUnknownType, .error = "nothing here takes such messages"};
    }
    // It is as well covered as the batch was.
    handle(item, Cover::kHeld);
    return {.success = true};
}

}  // namespace wse::session
