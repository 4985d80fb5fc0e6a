// SPDX-License-Identifier: MIT
// What clients send: one table row per message type.
#include <algorithm>

#include "base/utf8.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxHeld = 64;
constexpr size_t kMaxHeldBytes = size_t{1} << 20;
constexpr size_t kMaxPendingPublishes = 1024;

proto::ErrorMessage too_much_presence(std::string_view request_id) {
    return {.code = proto::error::kTooLarge,
            .text = "presence: the data is larger than presence.max_data",
            .request_id = request_id};
}

proto::ErrorMessage too_many_topics(std::string_view request_id) {
    return {.code = proto::error::kRateLimited,
            .text = "too many topics at once; try again in a moment",
            .request_id = request_id,
            .retry_after = true};
}

// Of a publish that was not let in.
std::string_view code_of(wse_status status) {
    if (status == WSE_ETOOBIG) return proto::error::kTooLarge;
    return status == WSE_EIO ? proto::error::kEventRefused : proto::error::kInvalidMessage;
}

}  // namespace

struct Session::Row {
    std::string_view type;
    bool needs_gate;
    void (Session::*run)(const proto::ClientMessage &);
};

const Session::Row Session::kMessages[] = {
    {"ping", false, &Session::on_ping},
    {"PING", false, &Session::on_ping},
    {"publish", true, &Session::on_publish},
    {"subscription_update", true, &Session::on_subscription},
    {"subscription", true, &Session::on_subscription},
    {"sync_request", true, &Session::on_sync},
    {"presence_update", true, &Session::on_presence_update},
    {"client_hello", false, &Session::on_hello},
    // Answers to questions of the server; hearing them is enough.
    {"PONG", false, &Session::ignore},
    {"pong", false, &Session::ignore},
    {"health_check_response", false, &Session::ignore},
    {"metrics_response", false, &Session::ignore},
    {"sync_response", false, &Session::ignore},
};

void Session::on_text(std::string_view message) {
    if (state_ == State::kClosed) return;
    ++messages_in_;
    if (within_rate()) handle(message);
}

void Session::on_binary(std::string_view message) {
    // JSON in a binary frame is as good as in a text frame, once it is known to be text.
    if (state_ == State::kClosed) return;
    ++messages_in_;
    if (!within_rate()) return;
    if (is_utf8(message)) return handle(message);
    context_.counters.add(Counter::messages_malformed);
    send_error({.code = proto::error::kInvalidMessage, .text = "binary message is not JSON text"});
}

void Session::handle(std::string_view text) {
    // What came before it in this turn may have closed the session.
    if (state_ == State::kClosed) return;
    // Old keep-alives in plain words, an answer to a raw ping we never send.
    if (text.starts_with("PONG:") || text.starts_with("WSE:PONG:")) return;
    auto parsed = proto::parse_client_message(text, context_.scratch);
    if (!parsed) {
        context_.counters.add(Counter::messages_malformed);
        return send_error({.code = proto::error::kInvalidMessage, .text = parsed.error().text});
    }
    for (const Row &row : kMessages) {
        if (row.type != parsed->type) continue;
        if (row.needs_gate && state_ == State::kGateClosed) {
            held_bytes_ += text.size();
            if (held_.size() < kMaxHeld && held_bytes_ <= kMaxHeldBytes) {
                held_.emplace_back(text);
                return;
            }
            // A client that floods before its hello has told enough of itself.
            const std::string copy(text);
            open_gate();
            return handle(copy);
        }
        return (this->*row.run)(*parsed);
    }
    context_.counters.add(Counter::messages_unhandled);
    send_error(
        {.code = proto::error::kUnknownType,
         .text = "nothing here takes messages of type '" + proto::plain_label(parsed->type) + "'",
         .request_id = parsed->id});
}

void Session::ignore(const proto::ClientMessage & /*message*/) {}

void Session::on_hello(const proto::ClientMessage &message) {
    if (const std::string version = proto::hello_version(message.payload); !version.empty())
        client_version_ = version;
    send(proto::server_hello(greeting()));
    if (state_ == State::kGateClosed) open_gate();
}

void Session::on_ping(const proto::ClientMessage &message) {
    send(proto::pong({.client_timestamp = proto::ping_timestamp(message.payload),
                      .wall_ms = context_.clock.wall_ms()}));
}

void Session::on_subscription(const proto::ClientMessage &message) {
    auto request = proto::parse_subscription(message.payload);
    if (!request) {
        const bool bad_action = request.error().status == WSE_ENOTFOUND;
        return send_error(
            {.code = bad_action ? proto::error::kInvalidAction : proto::error::kInvalidMessage,
             .text = request.error().text,
             .request_id = message.id});
    }
    query_topics_.clear();
    if (!request->subscribe) return unsubscribe(request->topics);
    if (request->presence.size() > settings().presence.max_data)
        return send_error(too_much_presence(message.id));
    subscribe(*request);
}

void Session::on_presence_update(const proto::ClientMessage &message) {
    auto update = proto::parse_presence_update(message.payload);
    if (!update) {
        return send_error({.code = proto::error::kInvalidMessage,
                           .text = update.error().text,
                           .request_id = message.id});
    }
    if (update->data.size() > settings().presence.max_data)
        return send_error(too_much_presence(message.id));
    // Everybody on each of the topics hears of it.
    const uint64_t told = update->topic.empty() ? std::max<uint64_t>(subscriptions_.size(), 1) : 1;
    if (!topic_rate_.take(context_.timers.now_ms(), told))
        return send_error(too_many_topics(message.id));
    context_.hub.update_presence(
        {{context_.loop, serial_, 0}, std::move(update->topic), std::string(update->data)});
}

void Session::on_publish(const proto::ClientMessage &message) {
    const auto refuse_publish = [&](std::string_view code, std::string_view text,
                                    std::string_view topic, std::string_view id) {
        context_.counters.add(Counter::publish_refused);
        send_error({.code = code, .text = text, .topic = topic, .request_id = id});
    };
    auto request = proto::parse_publish(message);
    if (!request)
        return refuse_publish(proto::error::kInvalidMessage, request.error().text, "", message.id);
    const auto &limits = settings().limits;
    if (auto valid = proto::check_topic(request->topic, limits.max_topic_length); !valid)
        return refuse_publish(proto::error::kInvalidMessage, valid.error().text, "", request->id);
    if (!rights_->may(module::Action::kPublish, request->topic)) {
        return refuse_publish(proto::error::kNotAllowed, "publishing to this topic is not allowed",
                              request->topic, request->id);
    }
    const PublishEntry entry{limits, settings().events.on_failure, generation_->shapers,
                             context_.clock, context_.counters};
    auto entered = entry.enter({.topic = request->topic,
                                .type = request->type,
                                .id = request->id,
                                .payload = request->payload,
                                .priority = request->priority},
                               module::Source::kClient, identity_.user);
    if (!entered) {
        return refuse_publish(code_of(entered.error().status), entered.error().text, request->topic,
                              request->id);
    }
    std::optional<proto::Publication> &publication = *entered;
    // A module has dropped it, which is no fault of the publisher's; it has no place.
    if (!publication) return send(proto::publish_ack(request->id, request->topic, {}));
    const uint64_t number = ++last_request_;
    // A module may have given the event another id.
    PendingPublish pending{.id = request->id.empty() ? publication->id : request->id,
                           .topic = publication->topic};
    if (context_.observes(WSE_OBSERVE_PUBLISH)) {
        pending.type = publication->type;
        pending.bytes = publication->payload.size();
    }
    if (pending_publishes_.size() >= kMaxPendingPublishes ||
        !context_.hub.publish({{context_.loop, serial_, number}, std::move(*publication)})) {
        return refuse_publish(proto::error::kUnavailable,
                              "too many publishes are under way; try again in a moment",
                              pending.topic, pending.id);
    }
    pending_publishes_.emplace(number, std::move(pending));
}

void Session::on_published(uint64_t request, const Result<proto::Position> &position) {
    const auto node = pending_publishes_.extract(request);
    if (node.empty()) return;
    if (position) observe_publish(node.mapped());
    if (state_ == State::kClosed) return;
    const auto &id = node.mapped().id;
    const auto &topic = node.mapped().topic;
    if (position) return send(proto::publish_ack(id, topic, *position));
    context_.counters.add(Counter::publish_refused);
    send_error({.code = proto::error::kUnavailable,
                .text = position.error().text,
                .topic = topic,
                .request_id = id,
                .retry_after = true});
}

}  // namespace wse::session
