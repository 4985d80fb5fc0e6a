// SPDX-License-Identifier: MIT
#include "proto/client_message.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/utf8.h"

namespace wse::proto {
namespace {

constexpr size_t kMaxNameBytes = 128;  // of a type or an id
constexpr size_t kMaxUnreadable = 100;
constexpr size_t kMaxUnreadableBytes = 64;

std::string_view without_prefix(std::string_view text) {
    for (const std::string_view prefix : {"WSE{", "S{", "U{"}) {
        if (text.starts_with(prefix)) return text.substr(prefix.size() - 1);
    }
    return text;
}

std::string_view either(const std::vector<JsonMember> &members, std::string_view name,
                        std::string_view alias) {
    const std::string_view value = find_member(members, name);
    return value.empty() ? find_member(members, alias) : value;
}

// The text of a raw JSON string; empty when it is absent or something else. One that is too long
// however it is escaped stays too long, for whoever checks it to say so.
std::string text_of(std::string_view raw) {
    if (raw.size() < 2 || raw.front() != '"') return {};
    if (raw.size() > 6 * kMaxNameBytes) return std::string(kMaxNameBytes + 1, '?');
    if (raw.find('\\') == std::string_view::npos) return std::string(raw.substr(1, raw.size() - 2));
    auto document = JsonDocument::parse(raw);
    if (!document) return {};
    return std::string(document->root().string().value_or(""));
}

// The text of a raw JSON value of any length; nothing when it is no string or cannot be one of
// ours.
std::optional<std::string> string_of(std::string_view raw) {
    if (raw.empty() || raw.front() != '"') return std::nullopt;
    if (raw.find('\\') == std::string_view::npos) return std::string(raw.substr(1, raw.size() - 2));
    auto document = JsonDocument::parse(raw);
    if (!document) return std::nullopt;
    return std::string(*document->root().string());
}

// What stands between the quotes of a raw JSON string, escapes untouched.
std::string_view content_of(std::string_view raw) {
    return raw.size() >= 2 && raw.front() == '"' ? raw.substr(1, raw.size() - 2)
                                                 : std::string_view();
}

bool is_number(std::string_view raw) {
    return !raw.empty() && (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9'));
}

// {"topic":{"epoch":"0000abcd","offset":41},…}
std::vector<std::pair<std::string, Position>> positions_of(std::string_view raw) {
    std::vector<std::pair<std::string, Position>> positions;
    if (raw.empty() || raw.front() != '{') return positions;
    auto document = JsonDocument::parse(raw);
    if (!document) return positions;
    for (JsonView each = document->root().first(); each; each = each.next()) {
        const auto epoch = parse_epoch(each["epoch"].string().value_or(""));
        const auto offset = each["offset"].integer();
        if (epoch && offset && *offset >= 0)
            positions.push_back(
                {std::string(each.name()), {*epoch, static_cast<uint64_t>(*offset)}});
    }
    std::sort(positions.begin(), positions.end(),
              [](const auto &a, const auto &b) { return a.first < b.first; });
    return positions;
}

// What others' parsers may refuse is nothing, either: they would lose the whole message.
std::string_view object_or_nothing(std::string_view raw) {
    const bool usable = !raw.empty() && raw.front() == '{' && !has_half_surrogate_pair(raw) &&
                        !has_long_number(raw);
    return usable ? raw : std::string_view();
}

std::vector<std::string> strings_of(JsonView list, size_t limit) {
    std::vector<std::string> texts;
    for (JsonView item = list.is_array() ? list.first() : JsonView(); item && texts.size() < limit;
         item = item.next()) {
        if (const auto text = item.string()) texts.emplace_back(*text);
    }
    return texts;
}

}  // namespace

std::string plain_label(std::string text) {
    std::erase_if(text, [](char c) { return c < 0x20 || c > 0x7e; });
    if (text.size() > 32) text.resize(32);
    return text;
}

Result<ClientMessage> parse_client_message(std::string_view text,
                                           std::vector<JsonMember> &scratch) {
    if (auto scanned = scan_json_object(without_prefix(text), scratch); !scanned)
        return scanned.error();
    ClientMessage message;
    const std::string_view type = either(scratch, "t", "type");
    message.type = text_of(type);
    if (message.type.empty() || message.type.size() > kMaxNameBytes)
        return Error{WSE_EINVAL, "t: a message type of at most 128 bytes is needed"};
    const std::string_view id = find_member(scratch, "id");
    message.id = text_of(id);
    message.raw_type = content_of(type);
    message.raw_id = content_of(id);
    message.time = content_of(find_member(scratch, "ts"));
    message.signature = content_of(find_member(scratch, "sig"));
    message.payload = either(scratch, "p", "payload");
    if (message.payload.empty() || message.payload == "null") message.payload = "{}";
    if (message.payload.front() != '{') return Error{WSE_EINVAL, "p: not an object"};
    return message;
}

Result<SubscriptionRequest> parse_subscription(std::string_view payload) {
    auto request = parse_wish(payload);
    if (!request) return request;
    const std::string action = text_of(find_json_member(payload, "action"));
    if (action != "subscribe" && action != "unsubscribe")
        return Error{WSE_ENOTFOUND, "action: neither 'subscribe' nor 'unsubscribe'"};
    request->subscribe = action == "subscribe";
    return request;
}

// Item by item, not as one document, so that one bad name costs nothing but itself.
Result<SubscriptionRequest> parse_wish(std::string_view payload) {
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(payload, members); !scanned) return scanned.error();
    SubscriptionRequest request;
    request.recover = find_member(members, "recover") == "true";
    if (request.recover) request.recovery = positions_of(find_member(members, "recovery"));
    request.queue_group = text_of(find_member(members, "queue_group"));
    request.presence = object_or_nothing(find_member(members, "presence"));
    request.params = find_member(members, "params");
    if (request.params == "null") request.params = {};
    request.roster = find_member(members, "roster") == "true";
    request.filter = find_member(members, "filter");
    if (request.filter == "null") request.filter = {};
    std::vector<std::string_view> items;
    if (!scan_json_array(find_member(members, "topics"), items)) return request;
    for (const std::string_view item : items) {
        if (auto topic = string_of(item)) {
            request.topics.push_back(std::move(*topic));
        } else if (request.unreadable.size() < kMaxUnreadable) {
            request.unreadable.emplace_back(utf8_prefix(item, kMaxUnreadableBytes));
        }
    }
    return request;
}

SyncRequest parse_sync(std::string_view payload, size_t max_topics) {
    auto document = JsonDocument::parse(payload);
    if (!document) return {};
    const JsonView root = document->root();
    return {.topics = strings_of(root["topics"], max_topics),
            .snapshots = root["include_snapshots"].boolean().value_or(true)};
}

Result<PublishRequest> parse_publish(const ClientMessage &message) {
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(message.payload, members); !scanned) return scanned.error();
    PublishRequest request;
    auto topic = JsonDocument::parse(find_member(members, "topic"));
    if (!topic || !topic->root().string())
        return Error{WSE_EINVAL, "topic: missing or not a string"};
    request.topic = *topic->root().string();
    request.type = text_of(find_member(members, "type"));
    request.id = text_of(find_member(members, "id"));
    if (request.id.empty()) request.id = message.id;
    request.payload = find_member(members, "payload");
    if (const std::string_view raw = find_member(members, "priority"); is_number(raw)) {
        auto number = JsonDocument::parse(raw);
        request.priority = number ? number->root().integer().value_or(5) : 5;
    }
    return request;
}

std::optional<Position> SubscriptionRequest::position_of(std::string_view topic) const {
    const auto at = std::lower_bound(
        recovery.begin(), recovery.end(), topic,
        [](const auto &entry, std::string_view name) { return entry.first < name; });
    if (at == recovery.end() || at->first != topic) return std::nullopt;
    return at->second;
}

Result<PresenceUpdate> parse_presence_update(std::string_view payload) {
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(payload, members); !scanned) return scanned.error();
    PresenceUpdate update;
    update.data = object_or_nothing(find_member(members, "data"));
    if (update.data.empty()) return Error{WSE_EINVAL, "data: missing or not an object"};
    update.topic = string_of(find_member(members, "topic")).value_or("");
    return update;
}

std::string hello_version(std::string_view payload) {
    return plain_label(text_of(find_json_member(payload, "client_version")));
}

std::string_view ping_timestamp(std::string_view payload) {
    const std::string_view raw = find_json_member(payload, "timestamp");
    return is_number(raw) && raw.size() <= 32 ? raw : std::string_view();
}

}  // namespace wse::proto
