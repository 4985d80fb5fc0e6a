// SPDX-License-Identifier: MIT
#include "proto/message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "base/glob.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "base/uuid.h"

namespace wse::proto {
namespace {

constexpr size_t kMaxTypeBytes = 128;
constexpr size_t kMaxIdBytes = 128;
constexpr uint64_t kMaxTimeMs = 253'402'300'799'999;  // the last one with a year of four digits

// Types by which the server steers clients.
constexpr std::string_view kReservedTypes[] = {
    "server_ready",
    "server_hello",
    "client_hello",
    "client_hello_ack",
    "subscription_update",
    "subscription",
    "snapshot_complete",
    "topic_snapshot",
    "sync_request",
    "error",
    "ping",
    "PING",
    "pong",
    "PONG",
    "heartbeat",
    "batch",
    "publish",
    "publish_ack",
    "rate_limit_warning",
    "config_update",
    "connection_state_change",
    "connection_quality",
    "health_check",
    "metrics_request",
    "key_rotation_request",
    "key_rotation_response",
    "encryption_request",
    "auth_refreshed",
    "auth_expiring",
    "health_check_response",
    "metrics_response",
    "config_response",
    "config_update_response",
    "connection_state_response",
    "batch_message_result",
    "system_status",
    "encryption_response",
    "debug_response",
    "sequence_stats_response",
};

// Members of the envelope, and the names that clients take for them: old ones of `t`, `p`, `tp`,
// `e` and `o`, and the `seq` and `sig` that make a client wait for what never comes.
constexpr std::array<std::string_view, 17> kEnvelopeMembers = {
    "c",   "t",    "tp",      "e",     "o",     "id",     "ts",  "p",   "v",
    "pri", "type", "payload", "topic", "epoch", "offset", "seq", "sig",
};

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check_type(std::string_view type) {
    if (!is_utf8(type) || has_control(type)) return Error{WSE_EINVAL, "type: not plain text"};
    if (std::find(std::begin(kReservedTypes), std::end(kReservedTypes), type) !=
            std::end(kReservedTypes) ||
        type.starts_with("presence_")) {
        return Error{WSE_EINVAL, "type: '" + std::string(type) + "' belongs to the protocol"};
    }
    return {};
}

// The text of a payload member that is a JSON string, or empty.
std::string member_text(std::string_view payload, std::string_view name) {
    const std::string_view raw = find_json_member(payload, name);
    if (raw.empty() || raw.front() != '"') return {};
    auto document = JsonDocument::parse(raw);
    if (!document) return {};
    return std::string(document->root().string().value_or(""));
}

std::string type_of(const PublishFields &fields, std::string_view payload) {
    if (!fields.type.empty()) return std::string(fields.type);
    for (const char *name : {"event_type", "type"}) {
        std::string type = member_text(payload, name);
        if (!type.empty() && type.size() <= kMaxTypeBytes && check_type(type)) return type;
    }
    return std::string(fields.topic);
}

// `extra` without blanks around it; empty when it has no members. One that is written with an
// escape could be any.
Result<std::string_view> checked_extra(std::string_view extra) {
    if (extra.empty()) return extra;
    if (extra.size() > kMaxExtraBytes)
        return Error{WSE_ETOOBIG,
                     "extra: longer than " + std::to_string(kMaxExtraBytes) + " bytes"};
    std::vector<JsonMember> members;
    if (!is_utf8(extra) || !scan_json_object(extra, members))
        return Error{WSE_EINVAL, "extra: not a JSON object, or a name stands twice in it"};
    for (const auto &member : members) {
        const bool is_taken = std::find(kEnvelopeMembers.begin(), kEnvelopeMembers.end(),
                                        member.name) != kEnvelopeMembers.end();
        if (is_taken || member.name.find('\\') != std::string_view::npos) {
            return Error{WSE_EINVAL,
                         "extra: '" + std::string(member.name) + "' belongs to the envelope"};
        }
    }
    if (has_half_surrogate_pair(extra))
        return Error{WSE_EINVAL, "extra: a string has half a surrogate pair"};
    if (has_long_number(extra)) return Error{WSE_EINVAL, "extra: a number has too many digits"};
    if (members.empty()) return std::string_view();
    const size_t begin = extra.find('{');
    return extra.substr(begin, extra.rfind('}') + 1 - begin);
}

}  // namespace

std::string epoch_text(uint32_t epoch) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text(8, '0');
    for (size_t i = 0; i < 8; ++i) text[i] = kHex[(epoch >> (28 - 4 * i)) & 15];
    return text;
}

std::optional<uint32_t> parse_epoch(std::string_view text) {
    uint32_t epoch = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, epoch, 16);
    if (error != std::errc() || stop != end || epoch_text(epoch) != text) return std::nullopt;
    return epoch;
}

Priority nearest_priority(int64_t number) {
    if (number <= 2) return Priority::kBackground;
    if (number <= 4) return Priority::kLow;
    if (number <= 6) return Priority::kNormal;
    return number <= 9 ? Priority::kHigh : Priority::kCritical;
}

Result<void> check_topic_or_pattern(std::string_view topic, uint64_t limit) {
    if (topic.empty()) return Error{WSE_EINVAL, "topic: missing or empty"};
    if (topic.size() > limit)
        return Error{WSE_ETOOBIG, "topic: longer than " + std::to_string(limit) + " bytes"};
    if (!is_utf8(topic) || has_control(topic)) return Error{WSE_EINVAL, "topic: not plain text"};
    return {};
}

Result<void> check_topic(std::string_view topic, uint64_t limit) {
    if (auto valid = check_topic_or_pattern(topic, limit); !valid) return valid;
    if (is_pattern(topic)) return Error{WSE_EINVAL, "topic: has a wildcard"};
    return {};
}

Result<Publication> make_publication(const PublishFields &fields, const PublishLimits &limits,
                                     uint64_t wall_ms) {
    if (auto topic = check_topic(fields.topic, limits.topic_bytes); !topic) return topic.error();
    const std::string_view given = fields.payload.empty() ? "{}" : fields.payload;
    auto extra = checked_extra(fields.extra);
    if (!extra) return extra.error();
    if (given.size() + extra->size() > limits.payload_bytes) {
        return Error{WSE_ETOOBIG, "payload: " + std::to_string(given.size() + extra->size()) +
                                      " bytes, at most " + std::to_string(limits.payload_bytes)};
    }
    // A subscriber's parser may refuse the whole event, and its client come back again and again.
    if (has_half_surrogate_pair(given))
        return Error{WSE_EINVAL, "payload: a string has half a surrogate pair"};
    if (has_long_number(given)) return Error{WSE_EINVAL, "payload: a number has too many digits"};
    if (fields.id.size() > kMaxIdBytes || has_control(fields.id))
        return Error{WSE_EINVAL, "id: longer than 128 bytes or not plain text"};

    Publication publication;
    publication.topic = fields.topic;
    // Clients take only objects for a payload; a bare value would become {} in one of them.
    publication.payload =
        given.front() == '{' ? std::string(given) : "{\"data\":" + std::string(given) + "}";
    publication.type = type_of(fields, publication.payload);
    // A topic that serves as the type has been measured as a topic.
    if (fields.type.size() > kMaxTypeBytes)
        return Error{WSE_ETOOBIG, "type: longer than 128 bytes"};
    if (auto type = check_type(publication.type); !type) return type.error();
    publication.id_given = !fields.id.empty();
    publication.id = publication.id_given ? std::string(fields.id) : uuid7(wall_ms);
    publication.priority = nearest_priority(fields.priority);
    publication.extra = *extra;
    publication.time_ms = std::min(fields.time_ms, kMaxTimeMs);
    return publication;
}

}  // namespace wse::proto
