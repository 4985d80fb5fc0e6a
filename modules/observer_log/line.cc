// SPDX-License-Identifier: MIT
#include "line.h"

#include <cstdio>
#include <ctime>
#include <string_view>

#include "strict_json/text.h"

namespace wse::observer_log {
namespace {

std::string_view view(const wse_bytes &bytes) {
    return {static_cast<const char *>(bytes.data), bytes.data ? bytes.len : 0};
}

std::string time_text(uint64_t ms) {
    const auto seconds = static_cast<time_t>(ms / 1000);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32], text[40];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text, sizeof text, "%s.%03uZ", date, static_cast<unsigned>(ms % 1000));
    return text;
}

bool is_plain(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (byte <= ' ' || byte >= 0x7f || c == '"' || c == '\\' || c == '=') return false;
    }
    return true;
}

// Between quotes, with \u00NN for every control character: JSON, and good enough for text.
std::string quoted(std::string_view text) {
    const bool is_utf8 = strict_json::is_utf8(text);
    std::string out = "\"";
    const auto escape = [&out](uint8_t byte) {
        char code[8];
        std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(byte));
        out += code;
    };
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        const uint8_t next = i + 1 < text.size() ? static_cast<uint8_t>(text[i + 1]) : 0;
        if (byte < ' ' || byte == 0x7f || (byte >= 0x80 && !is_utf8)) {
            escape(byte);
        } else if (byte == 0xc2 && next < 0xa0) {
            // U+0080 to U+009F: control characters of eight-bit terminals.
            escape(next);
            ++i;
        } else {
            if (byte == '"' || byte == '\\') out += '\\';
            out += text[i];
        }
    }
    return out + '"';
}

struct Field {
    const char *name;
    std::string value;
    bool is_number = false;
};

// Calls `write` for each member that the event has.
template <class Write>
void each_field(const Event &event, const wse_observation &from, const Write &write) {
    const struct {
        const char *name;
        std::string_view value;
    } texts[] = {{"connection", view(from.connection)},
                 {"user", view(from.user)},
                 {"peer", view(from.peer)},
                 {"listener", view(from.listener)},
                 {"topic", view(from.topic)},
                 {event.detail, view(from.detail)}};
    for (const auto &text : texts)
        if (text.name && !text.value.empty()) write(Field{text.name, std::string(text.value)});
    if (event.number) write(Field{event.number, std::to_string(from.number), true});
}

}  // namespace

std::string text_line(const Event &event, const wse_observation &observation) {
    std::string line = time_text(observation.time_ms) + ' ' + event.name;
    each_field(event, observation, [&line](const Field &field) {
        line += std::string(" ") + field.name + '=';
        line += is_plain(field.value) ? field.value : quoted(field.value);
    });
    return line;
}

std::string json_line(const Event &event, const wse_observation &observation) {
    std::string line = "{\"time\":\"" + time_text(observation.time_ms) + "\",\"event\":\"";
    line += std::string(event.name) + '"';
    each_field(event, observation, [&line](const Field &field) {
        line += std::string(",\"") + field.name + "\":";
        line += field.is_number ? field.value : quoted(field.value);
    });
    return line + '}';
}

}  // namespace wse::observer_log
