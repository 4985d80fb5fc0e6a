// SPDX-License-Identifier: MIT
#include "base/clock.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/utf8.h"

namespace wse::log {
namespace {

constexpr char kHex[] = "0123456789abcdef";

std::string_view level_name(Level level) {
    static constexpr std::string_view kNames[] = {"error", "warn", "info", "debug"};
    return kNames[static_cast<size_t>(level)];
}

// The longest beginning that is within the limit and does not end inside a character.
std::string_view shorten(std::string_view text) {
    if (text.size() <= kMaxValue) return text;
    size_t end = kMaxValue;
    for (int i = 0; i < 3 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80; ++i) --end;
    return text.substr(0, end);
}

// A backslash always begins an escape, so that nothing a client sends can look like one.
void append_escaped(std::string &out, std::string_view text) {
    for (const char c : text) {
        const auto octet = static_cast<uint8_t>(c);
        if (octet < 0x20 || octet >= 0x7f) {
            out += {'\\', 'x', kHex[octet >> 4], kHex[octet & 15]};
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
}

// Quoted when it could otherwise be taken for more than one value.
void append_text_value(std::string &out, const Field &field) {
    const std::string_view text = shorten(field.text());
    const bool quoted = text.empty() || text.find_first_of(" =\"") != std::string_view::npos;
    if (quoted) out += '"';
    append_escaped(out, text);
    if (text.size() < field.text().size()) out += "...";
    if (quoted) out += '"';
}

void append_json_control(std::string &out, uint8_t octet) {
    out += {'\\', 'u', '0', '0', kHex[octet >> 4], kHex[octet & 15]};
}

// Beyond what JSON demands, the controls 0x7f to U+009F are escaped (terminals act on them), and
// every high octet of a text that is not UTF-8.
void append_json_text(std::string &out, std::string_view whole) {
    const std::string_view text = shorten(whole);
    const bool utf8 = is_utf8(text);
    out += '"';
    for (size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<uint8_t>(text[i]);
        const bool control_pair = utf8 && octet == 0xc2 && static_cast<uint8_t>(text[i + 1]) < 0xa0;
        if (control_pair) {
            append_json_control(out, static_cast<uint8_t>(text[++i]));
        } else if (octet < 0x20 || octet == 0x7f || (octet >= 0x80 && !utf8)) {
            append_json_control(out, octet);
        } else {
            if (octet == '"' || octet == '\\') out += '\\';
            out += text[i];
        }
    }
    if (text.size() < whole.size()) out += "...";
    out += '"';
}

std::string text_line(uint64_t wall_ms, Level level, std::string_view area, std::string_view event,
                      std::initializer_list<Field> fields, uint64_t suppressed) {
    std::string line = format_timestamp(wall_ms);
    for (const std::string_view word : {level_name(level), area, event}) {
        line += ' ';
        append_escaped(line, word);
    }
    for (const auto &field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        append_text_value(line, field);
    }
    if (suppressed > 0) line += " suppressed=" + std::to_string(suppressed);
    return line;
}

std::string json_line(uint64_t wall_ms, Level level, std::string_view area, std::string_view event,
                      std::initializer_list<Field> fields, uint64_t suppressed) {
    std::string value;
    const auto quote = [&value](std::string_view text) -> const std::string & {
        value.clear();
        append_json_text(value, text);
        return value;
    };
    JsonWriter line;
    line.begin_object().member("ts", format_timestamp(wall_ms)).member("level", level_name(level));
    line.key("area").raw(quote(area)).key("event").raw(quote(event));
    for (const auto &field : fields)
        line.key(field.key).raw(field.is_literal ? field.text() : quote(field.text()));
    if (suppressed > 0) line.member("suppressed", suppressed);
    return line.end_object().take();
}

}  // namespace

std::string format_line(Format format, uint64_t wall_ms, Level level, std::string_view area,
                        std::string_view event, std::initializer_list<Field> fields,
                        uint64_t suppressed) {
    return format == Format::kText ? text_line(wall_ms, level, area, event, fields, suppressed)
                                   : json_line(wall_ms, level, area, event, fields, suppressed);
}

}  // namespace wse::log
