// SPDX-License-Identifier: MIT
#include "events.h"

#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "abi/module_class.h"
#include "json_text/json_text.h"

namespace wse::snapshot_history {
namespace {

constexpr std::string_view kBegin = "{\"events\":[";
constexpr std::string_view kEnd = "]}";
constexpr uint32_t kNormalPriority = 5;  // clients take it for granted

// RFC 3339 in UTC with milliseconds, as in the envelope.
std::string timestamp(uint64_t time_ms) {
    const auto seconds = static_cast<std::time_t>(time_ms / 1000);
    std::tm parts{};
    char text[64];
    if (!gmtime_r(&seconds, &parts)) return "";
    const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text + length, sizeof text - length, ".%03uZ",
                  static_cast<unsigned>(time_ms % 1000));
    return text;
}

void add_text(std::string &out, const char *name, std::string_view text) {
    if (text.empty()) return;
    if (out.size() > 1) out += ',';
    json_text::append_string(out, name);
    out += ':';
    json_text::append_string(out, text);
}

void add_raw(std::string &out, const char *name, std::string_view json) {
    if (out.size() > 1) out += ',';
    json_text::append_string(out, name);
    out += ':';
    out += json;
}

// The members of `extra` stand beside the others, as in the envelope.
void add_extra(std::string &out, std::string_view extra) {
    std::vector<json_text::Member> members;
    if (extra.empty() || !json_text::members_of(extra, members)) return;
    for (const json_text::Member &member : members) {
        if (out.size() > 1) out += ',';
        out += '"';
        out += member.name;
        out += "\":";
        out += member.value;
    }
}

std::string event_of(const wse_message &message) {
    std::string out = "{";
    add_text(out, "t", abi::text_of(message.type));
    add_text(out, "id", abi::text_of(message.id));
    if (message.time_ms != 0) add_text(out, "ts", timestamp(message.time_ms));
    if (message.priority != 0 && message.priority != kNormalPriority)
        add_raw(out, "pri", std::to_string(message.priority));
    const std::string_view payload = abi::text_of(message.payload);
    add_raw(out, "p", payload.empty() ? "{}" : payload);
    if (message.offset != 0) add_raw(out, "o", std::to_string(message.offset));
    add_extra(out, abi::text_of(message.extra));
    return out += '}';
}

}  // namespace

snapshot::State state_of(const wse_message *messages, uint64_t count, uint64_t limit) {
    std::vector<std::string> events;  // the last one first
    uint64_t bytes = kBegin.size() + kEnd.size();
    while (count > events.size()) {
        std::string event = event_of(messages[count - 1 - events.size()]);
        bytes += event.size() + 1;
        if (bytes > limit) break;
        events.push_back(std::move(event));
    }
    snapshot::State state;
    // Without the last one, nobody could go on behind it.
    if (events.empty() && count > 0) return state;
    state.data = kBegin;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        if (event != events.rbegin()) state.data += ',';
        state.data += *event;
    }
    state.data += kEnd;
    if (count > 0 && messages[count - 1].offset != 0)
        state.place = snapshot::Place{messages[count - 1].epoch, messages[count - 1].offset};
    return state;
}

}  // namespace wse::snapshot_history
