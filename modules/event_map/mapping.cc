// SPDX-License-Identifier: MIT
#include "mapping.h"

#include <algorithm>
#include <cmath>

#include "json_text/json_text.h"
#include "topic_glob/topic_glob.h"
#include "values.h"

namespace wse::event_map {
namespace {

constexpr size_t kMaxCopied = 256;  // of a value that is passed on as it is written

bool is_object(std::string_view json) {
    const size_t begin = json.find_first_not_of(" \t\n\r");
    return begin != std::string_view::npos && json[begin] == '{';
}

bool contains(const wse_strings &list, std::string_view text) {
    return std::any_of(list.items, list.items + list.count,
                       [&](const char *item) { return text == item; });
}

std::map<std::string, std::string, std::less<>> to_map(const wse_pairs &pairs) {
    std::map<std::string, std::string, std::less<>> map;
    for (uint64_t i = 0; i < pairs.count; ++i)
        map.emplace(pairs.items[i].key, pairs.items[i].value);
    return map;
}

std::string lower(std::string text) {
    for (char &c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// `name` as it is written between quotes.
void append_member(std::string &object, std::string_view name, std::string_view raw) {
    if (object.size() > 1) object += ',';
    object.append("\"").append(name).append("\":").append(raw);
}

void append_renamed(std::string &object, std::string_view name, std::string_view raw) {
    if (object.size() > 1) object += ',';
    json_text::append_string(object, name);
    object.append(":").append(raw);
}

// The value in the metadata, else in the event itself.
std::string_view either(const Members &metadata, const Members &event, std::string_view name) {
    const std::string_view value = metadata.find(name);
    return value.empty() ? event.find(name) : value;
}

// A text or a number, not too long to be passed on.
bool is_plain_value(std::string_view raw) {
    return !raw.empty() && raw.size() <= kMaxCopied &&
           (raw.front() == '"' || number_of(raw).has_value());
}

void take_id(std::string_view raw, Output &out) {
    if (raw.empty() || raw == "null") return;
    const auto id = string_of(raw);
    if (id && is_type(*id)) {
        out.id = *id;
    } else {
        out.has_faults = true;
    }
}

void take_time(std::string_view raw, Output &out) {
    if (raw.empty() || raw == "null") return;
    out.time_ms = time_of(raw);
    out.has_faults = out.has_faults || !out.time_ms;
}

void take_priority(std::string_view raw, Output &out) {
    if (raw.empty() || raw == "null") return;
    const auto number = number_of(raw);
    if (number && *number >= 0 && *number <= 100) {
        out.priority = static_cast<int>(std::lround(*number));
    } else {
        out.has_faults = true;
    }
}

void copy(std::string_view raw, std::string_view name, Output &out) {
    if (raw.empty() || raw == "null") return;
    if (is_plain_value(raw)) {
        append_member(out.extra, name, raw);
    } else {
        out.has_faults = true;
    }
}

void finish_extra(std::string &extra) {
    extra = extra.size() > 1 ? extra + '}' : std::string();
}

}  // namespace

Mapping::Mapping(const Config &config)
    : config_(config), types_(to_map(config.types)), rename_(to_map(config.rename)) {}

bool Mapping::is_for(std::string_view topic) const {
    const wse_strings &topics = config_.topics;
    return topics.count == 0 ||
           std::any_of(topics.items, topics.items + topics.count,
                       [&](const char *pattern) { return topic_glob::matches(pattern, topic); });
}

bool Mapping::selects() const {
    return config_.keep.count > 0 || config_.drop.count > 0 || !rename_.empty();
}

std::optional<Output> Mapping::apply(const Input &input) const {
    Members event;
    Output out;
    if (!event.read(input.payload)) {
        out.is_withheld = selects() && is_object(input.payload);
        return out.is_withheld ? std::optional(std::move(out)) : std::nullopt;
    }
    out.extra = "{";
    const auto has = [&](std::string_view name) { return !event.find(name).empty(); };
    if (has("v") && has("t") && has("p") && has("id") && has("ts")) {
        take_wire(event, out);
    } else {
        take_domain(event, input, out);
    }
    finish_extra(out.extra);
    return out;
}

// It has been through a mapping before: its members are those of the envelope.
void Mapping::take_wire(const Members &event, Output &out) const {
    out.kind = Output::Kind::kOnWire;
    const auto type = string_of(event.find("t"));
    if (type && is_type(*type)) {
        out.type = *type;
    } else {
        out.has_faults = true;
    }
    take_id(event.find("id"), out);
    take_time(event.find("ts"), out);
    take_priority(event.find("pri"), out);
    for (const char *name :
         {"cid", "event_version", "latency_ms", "original_event_type", "trace_id"})
        copy(event.find(name), name, out);
    const std::string_view payload = event.find("p");
    out.payload =
        payload.starts_with('{') ? std::string(payload) : "{\"data\":" + std::string(payload) + "}";
}

void Mapping::take_domain(const Members &event, const Input &input, Output &out) const {
    Members metadata;
    const std::string_view described = event.find(config_.metadata);
    const bool has_metadata = described.starts_with('{') && metadata.read(described);
    out.has_faults = !described.empty() && !has_metadata;
    std::string original;
    take_type(event, input.type, out, original);
    take_id(either(metadata, event, "event_id"), out);
    take_time(either(metadata, event, "timestamp"), out);
    take_priority(metadata.find("priority"), out);
    if (original != out.type) {
        std::string quoted;
        json_text::append_string(quoted, original);
        append_member(out.extra, "original_event_type", quoted);
    }
    if (out.time_ms) {
        const uint64_t age = input.now_ms > *out.time_ms ? input.now_ms - *out.time_ms : 0;
        append_member(out.extra, "latency_ms", std::to_string(age));
    }
    copy(either(metadata, event, "correlation_id"), "cid", out);
    copy(either(metadata, event, "trace_id"), "trace_id", out);
    const std::string_view version = either(metadata, event, "event_version");
    copy(version.empty() && has_metadata ? "1" : version, "event_version", out);
    take_payload(event, !described.empty(), out);
    if (out.type == input.type) out.type.clear();
}

void Mapping::take_type(const Members &event, std::string_view given, Output &out,
                        std::string &original) const {
    for (const char *name : {"event_type", "type"}) {
        const auto text = string_of(event.find(name));
        if (original.empty() && text && is_type(*text)) original = *text;
    }
    if (original.empty()) original = given;
    const auto mapped = types_.find(original);
    if (mapped != types_.end()) {
        out.kind = Output::Kind::kMapped;
        out.type = mapped->second;
    } else {
        out.type = config_.lower_case ? lower(original) : original;
    }
}

// Without one, it stays as it is.
void Mapping::take_payload(const Members &event, bool has_metadata, Output &out) const {
    const std::string_view inner = event.find("payload");
    if (!inner.starts_with('{')) {
        if (selects() || has_metadata) out.payload = select(event, config_.metadata);
        return;
    }
    if (!selects()) {
        out.payload = inner;
        return;
    }
    Members members;
    out.is_withheld = !members.read(inner);
    if (!out.is_withheld) out.payload = select(members, {});
}

// Without the member `left_out`, if it is named. A name that is taken already stays with the member
// that had it.
std::string Mapping::select(const Members &members,
                            std::optional<std::string_view> left_out) const {
    std::string object = "{";
    for (const auto &[name, written, value] : members) {
        if (name == left_out) continue;
        if (config_.keep.count > 0 ? !contains(config_.keep, name) : contains(config_.drop, name))
            continue;
        const std::string_view sent = name_on_wire(name);
        if (sent == name || !members.find(sent).empty()) {
            append_member(object, written, value);
        } else {
            append_renamed(object, sent, value);
        }
    }
    return object + '}';
}

std::string_view Mapping::name_on_wire(std::string_view name) const {
    const auto found = rename_.find(name);
    return found == rename_.end() ? name : std::string_view(found->second);
}

}  // namespace wse::event_map
