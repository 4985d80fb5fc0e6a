// SPDX-License-Identifier: MIT
#include "ingress_entry.h"

#include <utility>

#include "json_text/json_text.h"
#include "reply_text.h"

namespace wse::backplane_redis::parts {
namespace {

// The fields of an entry. Unknown ones are passed over: they may be somebody's notes.
struct Fields {
    std::string_view topic, payload, type, id, priority, extra, event;

    explicit Fields(const redisReply &fields) {
        const std::pair<std::string_view, std::string_view *> known[] = {
            {"topic", &topic}, {"payload", &payload},   {"type", &type},   {"id", &id},
            {"extra", &extra}, {"priority", &priority}, {"event", &event},
        };
        for (size_t i = 0; item_at(fields, i + 1); i += 2) {
            for (const auto &[name, value] : known) {
                if (text_at(fields, i) == name) *value = text_at(fields, i + 1);
            }
        }
    }
};

std::string read_fields(const Fields &fields, BusMessage &ret) {
    ret.type = fields.type;
    ret.id = fields.id;
    ret.payload = fields.payload;
    ret.extra = fields.extra;
    if (fields.payload.empty()) return "payload: is missing";
    if (fields.payload.size() > kMaxEvent)
        return "payload: is over " + std::to_string(kMaxEvent) + " bytes";
    if (!json_text::is_json(fields.payload)) return "payload: is not JSON";
    if (fields.priority.empty()) return "";
    const auto priority = read_priority(fields.priority);
    ret.priority = priority.value_or(0);
    return priority ? "" : "priority: is no number";
}

}  // namespace

IngressEntry read_entry(std::string id, const redisReply &reply) {
    const Fields fields(reply);
    IngressEntry entry;
    if (fields.event.empty()) {
        entry.problem = read_fields(fields, entry.message);
        if (!entry.problem.empty()) entry.text = fields.payload;
    } else {
        auto message = read_event(fields.event, entry.problem);
        if (message) entry.message = std::move(*message);
        if (!message) entry.text = fields.event;
    }
    entry.message.topic = fields.topic;
    if (fields.topic.empty() && entry.problem.empty()) {
        entry.problem = "topic: is missing";
        entry.text = event_of(entry.message);
    }
    if (entry.message.id.empty()) entry.message.id = id;
    entry.id = std::move(id);
    return entry;
}

IngressEntry read_channel(std::string_view topic, std::string_view event) {
    IngressEntry entry;
    auto message = read_event(event, entry.problem);
    if (message)
        entry.message = std::move(*message);
    else
        entry.text = event;
    entry.message.topic = topic;
    return entry;
}

std::vector<IngressEntry> read_entries(const redisReply &reply) {
    std::vector<IngressEntry> entries;
    const redisReply *stream = item_at(reply, 0);
    const redisReply *items = stream ? item_at(*stream, 1) : nullptr;
    for (size_t i = 0; items && item_at(*items, i); ++i) {
        const redisReply *fields = item_at(*items->element[i], 1);
        // An entry that was deleted while it was read has no fields.
        if (fields)
            entries.push_back(read_entry(std::string(text_at(*items->element[i], 0)), *fields));
    }
    return entries;
}

}  // namespace wse::backplane_redis::parts
