// SPDX-License-Identifier: MIT
#include "proto/server_messages.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/uuid.h"
#include "proto/system_message.h"

namespace wse::proto {
namespace {

// What transforms have replied, member by member; later ones take the place of earlier ones.
using Replies = std::map<std::string_view, std::string_view>;

void collect(std::string_view object, Replies &features, Replies *members) {
    std::vector<JsonMember> list;
    if (!scan_json_object(object, list)) return;
    for (const auto &[name, value] : list) {
        if (members && name == "features")
            collect(value, features, nullptr);
        else
            (members ? *members : features).insert_or_assign(name, value);
    }
}

// The names are as a module wrote them, escapes and all, so they are written as they are.
void write_raw(JsonWriter &out, const Replies &members) {
    for (const auto &[name, value] : members)
        out.members("{\"" + std::string(name) + "\":" + std::string(value) + "}");
}

// What this build does, then what was agreed with the client.
void write_features(JsonWriter &out, const Greeting &greeting, const Replies *agreed) {
    Replies features = {{"compression", greeting.compression && !agreed ? "true" : "false"},
                        {"encryption", greeting.encryption && !agreed ? "true" : "false"},
                        {"batching", "true"},
                        {"priority_queue", "true"},
                        {"circuit_breaker", "false"},
                        {"recovery", "true"}};
    if (agreed) {
        for (const auto &[name, value] : *agreed) features.insert_or_assign(name, value);
    }
    out.key("features").begin_object();
    write_raw(out, features);
    out.end_object();
}

void write_strings(JsonWriter &out, std::string_view name, const std::vector<std::string> &texts) {
    out.key(name).begin_array();
    for (const auto &text : texts) out.string(text);
    out.end_array();
}

// Clients look into a user's data without asking whether it is an object (rule M16).
std::string_view object_of(std::string_view data) {
    return data.starts_with('{') ? data : "{}";
}

void write_recovery(JsonWriter &out, const std::vector<TopicRecovery> &recovery) {
    out.key("recovery").begin_object();
    for (const auto &[topic, position, recovered, count] : recovery) {
        out.key(topic).begin_object().member("epoch", epoch_text(position.epoch));
        // Said also when it is false: clients take its absence for a success (rule M7).
        out.member("offset", position.offset).member("recovered", recovered);
        out.member("count", count).end_object();
    }
    out.end_object();
}

// What an acknowledgement has beside the topics.
void write_particulars(JsonWriter &out, const SubscriptionAck &ack) {
    if (!ack.recovery.empty()) write_recovery(out, ack.recovery);
    if (!ack.lossy.empty()) write_strings(out, "lossy", ack.lossy);
    if (!ack.queue_group.empty()) out.member("queue_group", ack.queue_group);
}

std::string ping_of(std::string_view type, uint64_t wall_ms) {
    JsonWriter out = system_message(type);
    // A number, which both clients echo untouched, so the answer tells the round trip.
    out.member("server_time", wall_ms).member("timestamp", wall_ms);
    return finish(out);
}

// The server's category rule (protocol section 1.1); clients do not route on it.
std::string_view category(std::string_view type) {
    const bool snapshot =
        type.starts_with("snapshot_") || type.find("_snapshot") != std::string_view::npos;
    return snapshot ? "S" : "U";
}

// Of an event beside its texts: names, time and stamp.
constexpr size_t kEventBytes = 160;

std::string event_text(const Publication &publication, std::optional<uint64_t> time_ms,
                       const Position *stamp) {
    JsonWriter out;
    out.reserve(kEventBytes + publication.type.size() + publication.topic.size() +
                publication.id.size() + publication.bytes());
    out.begin_object();
    out.member("c", category(publication.type)).member("t", publication.type);
    if (stamp) {
        out.member("tp", publication.topic);
        out.member("e", epoch_text(stamp->epoch)).member("o", stamp->offset);
    }
    out.member("id", publication.id);
    if (time_ms) out.member("ts", format_timestamp(*time_ms));
    out.key("p").raw(publication.payload);
    if (publication.priority != Priority::kNormal)
        out.member("pri", static_cast<int>(publication.priority));
    if (!publication.extra.empty()) out.members(publication.extra);
    out.member("v", 1).end_object();
    return out.take();
}

}  // namespace

std::string server_ready(const Greeting &greeting) {
    JsonWriter out;
    out.begin_object().member("c", "WSE").member("t", "server_ready");
    out.member("id", uuid7(greeting.wall_ms));
    if (greeting.dated) out.member("ts", format_timestamp(greeting.wall_ms));
    out.key("p").begin_object().member("message", "Connection established");
    out.key("details").begin_object().member("version", 1);
    write_features(out, greeting, nullptr);
    out.member("connection_id", greeting.connection_id);
    out.member("server_time", format_timestamp(greeting.wall_ms)).member("user_id", greeting.user);
    out.end_object();
    return finish(out);
}

std::string server_hello(const Greeting &greeting) {
    Replies features, members;
    for (const std::string &reply : greeting.replies) collect(reply, features, &members);
    // What the server says of itself is not a module's to change.
    for (const char *own : {"limits", "ping_interval", "server_version", "connection_id",
                            "server_time", "protocol_version"})
        members.erase(own);
    JsonWriter out = system_message("server_hello");
    write_features(out, greeting, &features);
    write_raw(out, members);
    out.key("limits").begin_object();
    out.member("max_message_size", greeting.max_message_size);
    out.member("rate_limit_capacity", greeting.rate_capacity);
    out.member("rate_limit_refill", greeting.rate_refill);
    out.end_object();
    out.member("ping_interval", greeting.ping_interval_ms);
    out.member("server_version", greeting.server_version);
    out.member("connection_id", greeting.connection_id);
    out.member("server_time", format_timestamp(greeting.wall_ms));
    out.member("protocol_version", greeting.protocol_version);
    return finish(out);
}

std::string subscription_ack(const SubscriptionAck &ack) {
    const bool subscribe = ack.action == "subscribe";
    JsonWriter out = system_message("subscription_update");
    out.member("action", ack.action);
    // One topic that worked is a success: a false here stops a client from confirming any (rule
    // M11).
    out.member("success", !ack.topics.empty() || ack.failed.empty());
    // A client adds what stands here to its active topics, so an unsubscribe leaves it empty (rule
    // M10).
    write_strings(out, "success_topics", subscribe ? ack.topics : std::vector<std::string>{});
    out.key("failed_topics").begin_array();
    for (const auto &failed : ack.failed) out.string(failed.topic);
    out.end_array();
    write_strings(out, "topics", ack.topics);
    if (!ack.failed.empty()) {
        out.key("reasons").begin_object();
        const size_t count = std::min(ack.failed.size(), kMaxReasons);
        for (size_t i = 0; i < count; ++i) out.member(ack.failed[i].topic, ack.failed[i].reason);
        out.end_object();
    }
    write_particulars(out, ack);
    return finish(out);
}

std::string subscription_result(const SubscriptionAck &ack) {
    JsonWriter out;
    out.begin_object();
    write_strings(out, "subscribed", ack.topics);
    out.key("failed").begin_array();
    for (const auto &[topic, reason] : ack.failed) {
        out.begin_object().member("topic", topic).member("reason", reason).end_object();
    }
    out.end_array();
    write_particulars(out, ack);
    return out.end_object().take();
}

std::string error_message(const ErrorMessage &error) {
    JsonWriter out = system_message("error");
    out.member("code", error.code).member("message", error.text);
    out.key("details").begin_object();
    if (!error.topic.empty()) out.member("topic", error.topic);
    if (!error.request_id.empty()) out.member("id", error.request_id);
    out.end_object();
    out.member("recoverable", error.recoverable);
    out.member("severity", error.recoverable ? "warning" : "error");
    if (error.retry_after) out.key("retry_after").raw("1.0");
    return finish(out);
}

std::string pong(const Echo &echo) {
    JsonWriter out = system_message("PONG");
    // The two generations of clients read different names for the same number.
    if (!echo.client_timestamp.empty()) {
        out.key("client_timestamp").raw(echo.client_timestamp);
        out.key("timestamp").raw(echo.client_timestamp);
    }
    out.member("server_timestamp", echo.wall_ms);
    return finish(out);
}

std::string ping(uint64_t wall_ms) {
    return ping_of("ping", wall_ms);
}

std::string old_ping(uint64_t wall_ms) {
    return ping_of("PING", wall_ms);
}

std::string rate_limit_warning(uint64_t remaining, uint64_t capacity) {
    JsonWriter out = system_message("rate_limit_warning");
    out.member("current_rate", capacity - remaining).member("limit", capacity);
    out.member("remaining", remaining).key("retry_after").raw("1.0");
    return finish(out);
}

std::string snapshot_complete(const SnapshotEnd &end) {
    JsonWriter out = system_message("snapshot_complete");
    out.member("success", end.success);
    write_strings(out, "topics", end.topics);
    out.member("count", end.count);
    const char *text = "these topics retain nothing";
    if (end.count > 0) text = "the state of the topics was sent";
    if (end.truncated) text = "too many topics retain something: ask for fewer";
    if (!end.success) text = "not now: ask again in a moment";
    out.member("truncated", end.truncated).member("message", text);
    return finish(out);
}

std::string publish_ack(std::string_view request_id, std::string_view topic, Position position) {
    JsonWriter out = system_message("publish_ack");
    out.member("id", request_id).member("topic", topic);
    out.member("epoch", epoch_text(position.epoch)).member("offset", position.offset);
    return finish(out);
}

std::string presence_event(const PresenceEvent &event) {
    JsonWriter out = system_message(event.kind);
    out.member("topic", event.topic).member("user_id", event.user);
    out.key("data").raw(object_of(event.data));
    return finish(out);
}

std::string presence_state(const PresenceState &state) {
    JsonWriter out = system_message("presence_state");
    out.member("topic", state.topic).key("users").begin_array();
    for (const PresenceRow &row : state.rows) {
        out.begin_object().member("user_id", row.user).key("data").raw(object_of(row.data));
        out.member("connections", row.connections).end_object();
    }
    out.end_array().member("count", state.users).member("truncated", state.truncated);
    return finish(out);
}

std::string topic_snapshot(const TopicSnapshot &snapshot) {
    JsonWriter out;
    out.begin_object().member("c", "S").member("t", "topic_snapshot");
    out.member("id", uuid7(snapshot.wall_ms)).member("ts", format_timestamp(snapshot.wall_ms));
    out.key("p").begin_object().member("topic", snapshot.topic);
    out.member("epoch", epoch_text(snapshot.position.epoch));
    out.member("offset", snapshot.position.offset).key("events").begin_array();
    for (const MessageRef &message : snapshot.events) {
        out.begin_object().member("t", message->publication.type);
        out.member("id", message->publication.id);
        out.member("ts", format_timestamp(message->happened_ms()));
        out.key("p").raw(message->publication.payload);
        if (!message->publication.extra.empty()) out.members(message->publication.extra);
        out.member("o", message->position.offset).end_object();
    }
    out.end_array().member("more", snapshot.more);
    return finish(out);
}

std::string topic_state(const TopicState &state) {
    JsonWriter out;
    out.reserve(kEventBytes + 2 * state.topic.size() + state.data.size());
    out.begin_object().member("c", "S");
    out.member("t", state.type.empty() ? "topic_snapshot" : state.type);
    out.member("id", uuid7(state.wall_ms)).member("ts", format_timestamp(state.wall_ms));
    out.key("p").begin_object().member("topic", state.topic);
    out.member("epoch", epoch_text(state.position.epoch)).member("offset", state.position.offset);
    state.data.empty() ? out.member("empty", true) : out.key("data").raw(state.data);
    return finish(out);
}

std::string event(const Message &message) {
    if (!message.handling.stamped) return bare_event(message);
    return event_text(message.publication, message.happened_ms(), &message.position);
}

std::string bare_event(const Message &message) {
    if (message.age_ms() > kFreshMs) return undated_event(message);
    return event_text(message.publication, message.happened_ms(), nullptr);
}

std::string undated_event(const Message &message) {
    return event_text(message.publication, std::nullopt, nullptr);
}

}  // namespace wse::proto
