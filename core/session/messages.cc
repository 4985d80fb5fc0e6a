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
constexpr uint64_t kMaxEchoed = 1000;  // topics in the answer to a sync
constexpr size_t kMaxPendingSyncs = 16;

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

// Asked after every connect. The answer comes through the hub, behind those to what was subscribed
// before.
void Session::on_sync(const proto::ClientMessage &message) {
    const auto &limits = settings().limits;
    auto topics =
        proto::parse_topics(message.payload, std::min(limits.max_subscriptions, kMaxEchoed));
    std::erase_if(topics, [&](const std::string &topic) {
        return !proto::check_topic_or_pattern(topic, limits.max_topic_length);
    });
    if (topics.empty()) topics = this->topics();
    if (topics.size() > kMaxEchoed) topics.resize(kMaxEchoed);
    if (pending_syncs_.size() >= kMaxPendingSyncs || !take_topic_rate(topics)) {
        send_error(too_many_topics(message.id));
        // Clients wait for it before they ask again.
        return send(proto::snapshot_complete({.success = false, .topics = topics}));
    }
    const uint64_t request = ++last_request_;
    hub::Sync command{{context_.loop, serial_, request}, topics};
    pending_syncs_.emplace(request, std::move(topics));
    context_.hub.sync(std::move(command));
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
    auto publication = proto::make_publication(
        {.topic = request->topic,
         .type = request->type,
         .id = request->id,
         .payload = request->payload,
         .priority = request->priority},
        {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length},
        context_.clock.wall_ms());
    if (!publication) {
        const bool too_large = publication.error().status == WSE_ETOOBIG;
        return refuse_publish(too_large ? proto::error::kTooLarge : proto::error::kInvalidMessage,
                              publication.error().text, request->topic, request->id);
    }
    const uint64_t number = ++last_request_;
    PendingPublish pending{.id = publication->id, .topic = publication->topic};
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
    if (node.empty() || state_ == State::kClosed) return;
    const auto &[id, topic] = node.mapped();
    if (position) return send(proto::publish_ack(id, topic, *position));
    context_.counters.add(Counter::publish_refused);
    send_error({.code = proto::error::kUnavailable,
                .text = position.error().text,
                .topic = topic,
                .request_id = id,
                .retry_after = true});
}

}  // namespace wse::session
