// SPDX-License-Identifier: MIT
#include "bus_message.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "json_text/json_text.h"
#include "time_text/time_text.h"

namespace wse::backplane_redis::parts {
namespace {

using json_text::Member;

// The tree of a JSON library would write numbers anew, and not all of them as they were.
class Event {
public:
    bool read(std::string_view text) {
        if (!json_text::members_of(text, members_)) return false;
        for (const Member &member : members_) names_.push_back(json_text::decoded(member.name));
        return true;
    }

    // As written; empty when there is none.
    std::string_view find(std::string_view name) const {
        for (size_t i = names_.size(); i > 0; --i) {
            if (names_[i - 1] == name) return members_[i - 1].value;
        }
        return "";
    }

    // The text of a string; empty for everything else.
    std::string text(std::string_view name) const {
        const std::string_view value = find(name);
        if (value.size() < 2 || value.front() != '"') return "";
        return json_text::decoded(value.substr(1, value.size() - 2));
    }

    std::string without(std::string_view name) const {
        std::string out = "{";
        for (size_t i = 0; i < names_.size(); ++i) {
            if (names_[i] == name) continue;
            if (out.size() > 1) out += ',';
            out.append(1, '"').append(members_[i].name).append("\":").append(members_[i].value);
        }
        return out + '}';
    }

private:
    std::vector<Member> members_;
    std::vector<std::string> names_;
};

std::string type_of(const Event &event) {
    std::string type = event.text("event_type");
    if (type.empty()) type = event.text("type");
    if (type.empty()) return event.text("t");
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return type;
}

std::string payload_of(const Event &event, const Event &metadata) {
    if (metadata.find("as_is") == "true" && !event.find("p").empty())
        return std::string(event.find("p"));
    for (const char *name : {"p", "payload"}) {
        const std::string_view payload = event.find(name);
        if (!payload.empty() && payload != "null") return std::string(payload);
    }
    return event.without("metadata");
}

}  // namespace

std::optional<uint32_t> read_priority(std::string_view text) {
    double number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // The comparison is false for what is no number.
    if (text.empty() || error != std::errc() || stop != text.data() + text.size() ||
        !(number <= 0 || number > 0))
        return std::nullopt;
    return static_cast<uint32_t>(std::clamp(number, 1.0, 10.0));
}

std::optional<BusMessage> read_event(std::string_view text, std::string &ret_problem) {
    if (text.size() > kMaxEvent) {
        ret_problem = "the event is over " + std::to_string(kMaxEvent) + " bytes";
        return std::nullopt;
    }
    Event event, metadata;
    if (!json_text::is_json(text)) {
        ret_problem = "the event is not JSON";
        return std::nullopt;
    }
    if (!event.read(text)) {
        ret_problem = "the event is no object of at most " +
                      std::to_string(json_text::kMaxMembers) + " members";
        return std::nullopt;
    }
    // What is no object tells nothing, and is left out all the same.
    const std::string_view about = event.find("metadata");
    if (!metadata.read(about) && about.starts_with('{')) {
        ret_problem =
            "the metadata has over " + std::to_string(json_text::kMaxMembers) + " members";
        return std::nullopt;
    }
    BusMessage message;
    message.type = type_of(event);
    message.id = metadata.text("event_id");
    if (message.id.empty()) message.id = event.text("event_id");
    if (message.id.empty()) message.id = event.text("id");
    message.payload = payload_of(event, metadata);
    if (metadata.find("extra").starts_with('{')) message.extra = metadata.find("extra");
    auto time = time_text::time_of(event.find("timestamp"));
    if (!time) time = time_text::time_of(event.find("ts"));
    message.time_ms = time.value_or(0);
    message.priority = read_priority(metadata.find("priority")).value_or(0);
    return message;
}

std::string event_of(const BusMessage &message) {
    std::string out = "{\"t\":";
    json_text::append_string(out, message.type);
    out += ",\"p\":" + (message.payload.empty() ? "{}" : message.payload);
    if (message.time_ms != 0) out += ",\"timestamp\":" + std::to_string(message.time_ms);
    std::string metadata;
    const auto name = [&](const char *member) -> std::string & {
        metadata += metadata.empty() ? "\"" : ",\"";
        return metadata.append(member).append("\":");
    };
    if (!message.id.empty()) json_text::append_string(name("event_id"), message.id);
    if (message.priority != 0) name("priority") += std::to_string(message.priority);
    if (!message.extra.empty()) name("extra") += message.extra;
    if (message.payload == "null") name("as_is") += "true";
    return out + ",\"metadata\":{" + metadata + "}}";
}

}  // namespace wse::backplane_redis::parts
