// SPDX-License-Identifier: MIT
// Everything the server says to a client, as JSON text. Each begins with `c`, then `t`: clients
// look for keep-alives in the first 25 characters (rule M2). Objects and lists are never null (rule
// M16).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/message.h"

namespace wse::proto {

struct Greeting {
    std::string_view connection_id = {};
    std::string_view user = {};
    std::string_view server_version = {};
    uint64_t wall_ms = 0;
    uint64_t max_message_size = 0;
    uint64_t rate_capacity = 0;
    uint64_t rate_refill = 0;
    uint64_t ping_interval_ms = 0;
    int64_t protocol_version = 1;
    // What the server can do, and what transforms have said to the client, JSON objects: their
    // members go into server_hello, those of `features` into its features.
    bool compression = false;
    bool encryption = false;
    std::span<const std::string> replies = {};
    bool dated = true;  // 1.x clients drop server_ready when their clock differs from its ts
};

// The first message on every connection (rule M1).
std::string server_ready(const Greeting &greeting);
std::string server_hello(const Greeting &greeting);

struct TopicRecovery {
    std::string topic;       // or a pattern
    Position position;       // the last one before the first live message (rule M7)
    bool recovered = false;  // everything after the position that the client told follows
    uint64_t count = 0;      // of messages that follow
};

struct FailedTopic {
    std::string topic;
    std::string reason;
};

inline constexpr size_t kMaxReasons = 100;

struct SubscriptionAck {
    std::string_view action = {};          // "subscribe" or "unsubscribe"
    std::vector<std::string> topics = {};  // those that worked
    std::vector<FailedTopic> failed = {};  // the first kMaxReasons with their reasons
    std::vector<TopicRecovery> recovery = {};
    std::vector<std::string> lossy = {};  // those whose messages may be dropped, and have no stamps
    std::string_view queue_group = {};
};
std::string subscription_ack(const SubscriptionAck &ack);
// The same for the backend that wanted it: {"subscribed":[…],"failed":[{"topic","reason"}],…}.
std::string subscription_result(const SubscriptionAck &ack);

struct ErrorMessage {
    std::string_view code = {};
    std::string_view text = {};
    bool recoverable = true;
    std::string_view topic = {};       // into details
    std::string_view request_id = {};  // id of the message it answers, into details
    bool retry_after = false;          // adds retry_after: one second
};
std::string error_message(const ErrorMessage &error);

struct Echo {
    std::string_view client_timestamp = {};  // raw JSON of the ping's timestamp, or empty
    uint64_t wall_ms = 0;
};
std::string pong(const Echo &echo);
std::string ping(uint64_t wall_ms);
// … by the name that 1.x clients know; another name would reach their user.
std::string old_ping(uint64_t wall_ms);

std::string rate_limit_warning(uint64_t remaining, uint64_t capacity);
struct SnapshotEnd {
    bool success = true;
    std::vector<std::string> topics = {};
    uint64_t count = 0;      // of topics whose state was sent before it
    bool truncated = false;  // there are more that match
};
std::string snapshot_complete(const SnapshotEnd &end);
std::string publish_ack(std::string_view request_id, std::string_view topic, Position position);

// Data of users is a JSON object; anything else is sent as {}.
struct PresenceEvent {
    std::string_view kind = {};  // presence_join, presence_leave, presence_update
    std::string_view topic = {};
    std::string_view user = {};
    std::string_view data = {};
};
std::string presence_event(const PresenceEvent &event);

struct PresenceRow {
    std::string_view user = {};
    std::string_view data = {};
    uint64_t connections = 0;
};
struct PresenceState {
    std::string_view topic = {};
    std::span<const PresenceRow> rows = {};
    uint64_t users = 0;      // of the whole topic
    bool truncated = false;  // there are more users than rows
};
std::string presence_state(const PresenceState &state);

struct TopicSnapshot {
    std::string_view topic = {};
    Position position = {};
    std::span<const MessageRef> events = {};  // of this topic and of the position's epoch
    bool more = false;                        // there are events that are not in this message
    uint64_t wall_ms = 0;
};
std::string topic_snapshot(const TopicSnapshot &snapshot);

// The state behind a topic, as a module has it.
struct TopicState {
    std::string_view topic = {};
    Position position = {};      // what is in it: everything up to there
    std::string_view data = {};  // JSON; empty: the topic has no state
    std::string_view type = {};  // with "_snapshot" in it; empty: topic_snapshot
    uint64_t wall_ms = 0;
};
std::string topic_state(const TopicState &state);

// Clients take an event without a stamp for old news after this time, when they have just started
// (rule M17).
inline constexpr uint64_t kFreshMs = 1000;

// A publication for subscribers: {"c","t",["tp","e","o"],"id","ts","p",["pri"],…,"v"}. Without a
// stamp it has no `ts` either when it tells of what was no news at its commit.
std::string event(const Message &message);
// … for a member of a queue group, who would take the stamps of its share for gaps.
std::string bare_event(const Message &message);
// … that has waited: without the time, because clients drop what is not stamped and some seconds
// old (rule M17).
std::string undated_event(const Message &message);

}  // namespace wse::proto
