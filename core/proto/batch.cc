// SPDX-License-Identifier: MIT
// Many messages in one, and the publish of version 1.3.
#include <algorithm>

#include "base/json.h"
#include "base/json_scan.h"
#include "proto/inquiries.h"
#include "proto/system_message.h"

namespace wse::proto {
namespace {

constexpr int64_t kDefaultPriority = 8;
constexpr size_t kMaxTypeBytes = 128;

// Any text, however it is escaped; nothing when it is absent or something else.
std::optional<std::string> text_of(std::string_view raw) {
    if (!raw.starts_with('"')) return std::nullopt;
    auto document = JsonDocument::parse(raw);
    const auto text = document ? document->root().string() : std::nullopt;
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

}  // namespace

Result<PublishRequest> parse_priority_message(const ClientMessage &message, std::string_view user) {
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(message.payload, members); !scanned) return scanned.error();
    const auto member = [&](std::string_view name) {
        const std::string_view raw = find_member(members, name);
        return raw == "null" ? std::string_view() : raw;
    };
    PublishRequest request;
    request.id = message.id;
    request.priority = kDefaultPriority;
    if (const std::string_view raw = member("topic"); !raw.empty()) {
        const auto topic = text_of(raw);
        if (!topic) return Error{WSE_EINVAL, "topic: not a string"};
        request.topic = *topic;
    } else if (user.empty()) {
        return Error{WSE_EINVAL, "topic: missing, and there is no user to have one"};
    } else {
        request.topic = "priority:" + std::string(user) + ":messages";
    }
    request.payload = member("payload");
    const std::string type = text_of(member("type")).value_or("");
    // Without a payload of its own, `type` is a part of what p tells.
    const bool typed = !request.payload.empty() && !type.empty() && type.size() <= kMaxTypeBytes;
    request.type = typed ? type : "priority_message";
    if (request.payload.empty()) request.payload = message.payload;
    if (auto number = JsonDocument::parse(member("priority")))
        request.priority = number->root().integer().value_or(kDefaultPriority);
    return request;
}

Result<std::vector<std::string_view>> parse_batch(std::string_view payload) {
    std::vector<std::string_view> items;
    const std::string_view raw = find_json_member(payload, "messages");
    if (raw.empty() || !scan_json_array(raw, items))
        return Error{WSE_EINVAL, "messages: missing or not a list"};
    if (items.size() > kMaxBatch)
        return Error{WSE_ETOOBIG,
                     "messages: more than " + std::to_string(kMaxBatch) + " in one batch"};
    return items;
}

std::string batch_message_result(std::span<const BatchItem> items) {
    JsonWriter out = system_message("batch_message_result");
    const auto successful =
        std::count_if(items.begin(), items.end(), [](const auto &item) { return item.success; });
    out.member("total", items.size()).member("successful", successful);
    out.member("failed", items.size() - static_cast<size_t>(successful));
    out.key("results").begin_array();
    for (size_t i = 0; i < items.size(); ++i) {
        out.begin_object().member("index", i).member("success", items[i].success);
        if (!items[i].success) out.member("code", items[i].code).member("error", items[i].error);
        out.end_object();
    }
    out.end_array();
    return finish(out);
}

std::string batch(std::span<const std::string_view> messages) {
    JsonWriter out = system_message("batch");
    size_t bytes = 128;
    for (const auto message : messages) bytes += message.size() + 1;
    out.reserve(bytes);
    out.key("messages").begin_array();
    for (const auto message : messages) out.raw(message);
    out.end_array().member("count", messages.size());
    return finish(out);
}

}  // namespace wse::proto
