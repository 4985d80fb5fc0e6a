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
    {"encryption_request", true, &Session::on_encryption_request},
    {"key_rotation_request", true, &Session::on_key_rotation},
    // Answers to questions of the server; hearing them is enough.
    {"PONG", false, &Session::ignore},
    {"auth_refresh", true, &Session::on_auth_refresh},
    {"batch", true, &Session::on_batch},
    {"batch_message", true, &Session::on_batch},
    {"priority_message", true, &Session::on_priority_message},
    {"health_check", true, &Session::on_health_check},
    {"health_check_request", true, &Session::on_health_check},
    {"metrics_request", true, &Session::on_metrics},
    {"config_request", true, &Session::on_config_request},
    {"config_update", true, &Session::on_config_update},
    {"connection_state_request", true, &Session::on_connection_state},
    {"debug_request", true, &Session::on_debug},
    {"debug_handlers", true, &Session::on_debug},
    {"sequence_stats_request", true, &Session::on_sequence_stats},
    {"system_status", true, &Session::on_system_status},
    {"system_status_request", true, &Session::on_system_status},
    {"pong", false, &Session::ignore},
    {"health_check_response", false, &Session::ignore},
    {"metrics_response", false, &Session::ignore},
    {"sync_response", false, &Session::ignore},
};

void Session::on_text(std::string_view message) {
    if (state_ == State::kClosed) return;
    ++messages_in_;
    if (within_rate()) handle(message, Cover::kPlain);
}

void Session::on_binary(std::string_view message) {
    // JSON in a binary frame is as good as in a text frame, once it is known to be text.
    if (state_ == State::kClosed) return;
    ++messages_in_;
    if (!within_rate()) return;
    if (!Wire::is_wrapped(message)) {
        if (is_utf8(message)) return handle(message, Cover::kPlain, WSE_APP_EVENT_BINARY);
        if (offer_raw(WSE_APP_EVENT_BINARY, message, Cover::kPlain)) return;
        return refuse_unreadable({WSE_EINVAL, "binary message is not JSON text"});
    }
    if (!wire_.reads(message) && offer_raw(WSE_APP_EVENT_BINARY, message, Cover::kPlain)) return;
    const auto content = wire_.decode(message, settings().limits.max_message_size);
    if (!content) return refuse_unreadable(content.error());
    if (!within_unpacked_rate(content->text.size())) return;
    handle(content->text, content->sealed ? Cover::kSealed : Cover::kPlain);
}

void Session::handle(std::string_view text, Cover cover, uint32_t raw) {
    // What came before it in this turn may have closed the session.
    if (state_ == State::kClosed) return;
    if (answer_old_ping(text)) return;
    auto parsed = proto::parse_client_message(text, context_.scratch);
    if (!parsed && offer_raw(raw, text, cover)) return;
    if (!parsed) return refuse_unreadable(parsed.error());
    if (!may_pass(*parsed, cover)) return;
    // Messages of a batch are handled while the batch is.
    const Arrival outer = std::exchange(arrival_, {&*parsed, false});
    if (prove(parsed->type)) dispatch(*parsed, text);
    arrival_ = outer;
}

// Keep-alives of old, in plain words, and answers to those that we never send.
bool Session::answer_old_ping(std::string_view text) {
    if (text.starts_with("WSE:")) text.remove_prefix(4);
    if (text.starts_with("PONG:")) return true;
    if (!text.starts_with("PING:")) return false;
    text.remove_prefix(5);
    const bool is_number = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && text.size() <= 20) send_bare("PONG:" + std::string(text));
    return true;
}

void Session::dispatch(const proto::ClientMessage &message, std::string_view text) {
    const Row *const row = find_row(message.type);
    if (!row && offer_message(message)) return;
    if (!row) return refuse_type(message);
    if (row->needs_gate && state_ == State::kGateClosed) {
        held_bytes_ += text.size();
        if (held_.size() < kMaxHeld && held_bytes_ <= kMaxHeldBytes) {
            held_.emplace_back(text);
            return;
        }
        // A client that floods before its hello has told enough of itself.
        const std::string copy(text);
        open_gate();
        return handle(copy, Cover::kHeld);
    }
    (this->*row->run)(message);
}

const Session::Row *Session::find_row(std::string_view type) {
    const auto *const end = std::end(kMessages);
    const auto *const found =
        std::find_if(std::begin(kMessages), end, [&](const Row &row) { return row.type == type; });
    return found == end ? nullptr : found;
}

bool Session::takes_type(std::string_view type) const {
    return find_row(type) || (line_ && line_->wants(WSE_APP_EVENT_MESSAGE));
}

// Each once, as a client may send it.
std::vector<std::string_view> Session::types() {
    std::vector<std::string_view> all;
    for (const Row &row : kMessages) all.push_back(row.type);
    return all;
}

void Session::refuse_type(const proto::ClientMessage &message) {
    context_.counters.add(Counter::messages_unhandled);
    send_error(
        {.code = proto::error::kUnknownType,
         .text = "nothing here takes messages of type '" + proto::plain_label(message.type) + "'",
         .request_id = message.id});
}

void Session::ignore(const proto::ClientMessage & /*message*/) {}

void Session::on_hello(const proto::ClientMessage &message) {
    if (const std::string version = proto::hello_version(message.payload); !version.empty())
        client_version_ = version;
    note_features(message);
    open_wire(message.payload);
    if (state_ == State::kGateClosed) open_gate();
}

void Session::on_ping(const proto::ClientMessage &message) {
    if (!within_ping_rate()) return;
    send_bare(proto::pong({.client_timestamp = proto::ping_timestamp(message.payload),
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
    publish(proto::parse_publish(message), message.id, false);
}

// As v1.3 had it: to a topic of the user's own when it names none, and without an answer.
void Session::on_priority_message(const proto::ClientMessage &message) {
    publish(proto::parse_priority_message(message, identity_.user), message.id, true);
}

void Session::refuse_publish(const proto::ErrorMessage &error) {
    context_.counters.add(Counter::publish_refused);
    send_error(error);
}

// `quiet`: without an answer when it has worked.
void Session::publish(const Result<proto::PublishRequest> &request, std::string_view message_id,
                      bool quiet) {
    const auto refuse_it = [&](std::string_view code, std::string_view text, std::string_view topic,
                               std::string_view id) {
        refuse_publish({.code = code, .text = text, .topic = topic, .request_id = id});
    };
    if (!request)
        return refuse_it(proto::error::kInvalidMessage, request.error().text, "", message_id);
    const auto &limits = settings().limits;
    if (auto valid = proto::check_topic(request->topic, limits.max_topic_length); !valid)
        return refuse_it(proto::error::kInvalidMessage, valid.error().text, "", request->id);
    if (!rights_->may(module::Action::kPublish, request->topic)) {
        return refuse_it(proto::error::kNotAllowed, "publishing to this topic is not allowed",
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
        return refuse_it(code_of(entered.error().status), entered.error().text, request->topic,
                         request->id);
    }
    // However the type was given, and whatever a module has made of it.
    if (!prove(request->type) || (*entered && !prove((*entered)->type))) return;
    // A module has dropped it, which is no fault of the publisher's; it has no place.
    if (!*entered && quiet) return;
    if (!*entered) return send(proto::publish_ack(request->id, request->topic, {}));
    // A module may have given the event another id.
    submit(std::move(**entered), request->id, quiet);
}

// To the hub; the publisher hears of it when the answer is there.
void Session::submit(proto::Publication publication, const std::string &id, bool quiet) {
    const uint64_t number = ++last_request_;
    PendingPublish pending{
        .id = id.empty() ? publication.id : id, .topic = publication.topic, .quiet = quiet};
    if (context_.observes(WSE_OBSERVE_PUBLISH)) {
        pending.type = publication.type;
        pending.bytes = publication.payload.size();
    }
    if (pending_publishes_.size() >= kMaxPendingPublishes ||
        !context_.hub.publish({{context_.loop, serial_, number}, std::move(publication)})) {
        return refuse_publish({.code = proto::error::kUnavailable,
                               .text = "too many publishes are under way; try again in a moment",
                               .topic = pending.topic,
                               .request_id = pending.id});
    }
    pending_publishes_.emplace(number, std::move(pending));
}

void Session::on_published(uint64_t request, const Result<proto::Position> &position) {
    const auto node = pending_publishes_.extract(request);
    if (node.empty()) return;
    if (position) observe_publish(node.mapped());
    if (state_ == State::kClosed || (position && node.mapped().quiet)) return;
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
