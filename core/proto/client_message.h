// SPDX-License-Identifier: MIT
// The envelope of what a client sends. Views point into the text that was parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_scan.h"
#include "base/result.h"
#include "proto/message.h"

namespace wse::proto {

struct ClientMessage {
    std::string type;
    std::string id;
    std::string_view payload;  // raw JSON object; "{}" when absent
    // For signatures, as written, without quotes; what is no string is empty.
    std::string_view raw_type, raw_id, time, signature;
};

// Accepts `{…}` and the older `WSE{…}`, `S{…}`, `U{…}`; `type` and `payload` as names for t and p;
// any category (rule M19). `scratch` is reused from call to call.
Result<ClientMessage> parse_client_message(std::string_view text, std::vector<JsonMember> &scratch);

struct SubscriptionRequest {
    bool subscribe = false;  // else: unsubscribe
    std::vector<std::string> topics;
    // Items that name no topic: no string, or one with \u0000 or half a surrogate pair. As written,
    // the first 64 bytes of the first 100.
    std::vector<std::string> unreadable;
    bool recover = false;
    // Where the client stands, by topic; what is no position is passed over.
    std::vector<std::pair<std::string, Position>> recovery;  // sorted
    std::string queue_group;
    std::string_view presence;  // raw JSON object; empty: absent
    bool roster = false;
    std::string_view filter;  // raw JSON, as the client gave it; empty: absent
    std::string_view params;  // raw JSON, for the module that has the state of topics; or empty

    // Nothing when the client does not want to recover, or has told no position of the topic.
    std::optional<Position> position_of(std::string_view topic) const;
};
// What stands beside the action. Views point into `payload`.
Result<SubscriptionRequest> parse_wish(std::string_view payload);
// As many topics as the message has. WSE_ENOTFOUND: the action is neither of the two.
Result<SubscriptionRequest> parse_subscription(std::string_view payload);

struct SyncRequest {
    std::vector<std::string> topics;  // anything that is not a string is passed over
    bool snapshots = true;            // also what modules have
};
SyncRequest parse_sync(std::string_view payload, size_t max_topics);

struct PublishRequest {
    std::string topic;
    std::string type;
    std::string id;  // p.id, else the envelope's
    std::string_view payload;
    int64_t priority = 5;
};
Result<PublishRequest> parse_publish(const ClientMessage &message);

struct PresenceUpdate {
    std::string topic;      // empty: all topics of the session
    std::string_view data;  // raw JSON object
};
Result<PresenceUpdate> parse_presence_update(std::string_view payload);

// What a client says of itself is shown to operators: printable ASCII, at most 32 bytes of it.
std::string plain_label(std::string text);

// The version in a client_hello, as a plain label, or empty.
std::string hello_version(std::string_view payload);

// Raw JSON of a ping's timestamp when it is a number, else empty.
std::string_view ping_timestamp(std::string_view payload);

}  // namespace wse::proto
