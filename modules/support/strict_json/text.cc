// SPDX-License-Identifier: MIT
#include "strict_json/text.h"

namespace wse::strict_json {
namespace {

// The octets of the character at the front of `text`, or 0. The second octet alone decides overlong
// forms, surrogates and the end of Unicode.
size_t character_length(std::string_view text) {
    const auto first = static_cast<uint8_t>(text[0]);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    const size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length) return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < length; ++i) {
        const auto c = static_cast<uint8_t>(text[i]);
        if (c < low || c > high) return 0;
        low = 0x80;
        high = 0xbf;
    }
    return length;
}

// The characters of the escape at the front of `text`, or 0.
size_t escape_length(std::string_view text) {
    if (text.size() < 2) return 0;
    if (text[1] != 'u') return 2;  // cJSON knows the others, and which surrogates make a pair
    const std::string_view digits = text.substr(2, 4);
    const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    return digits.size() == 4 && hex && digits != "0000" ? 6 : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const size_t length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_user(std::string_view text) {
    if (text.empty() || text.size() > kMaxUser || !is_utf8(text)) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<uint8_t>(text[i]);
        if (c < 0x20 || c == 0x7f) return false;
        if (c == 0xc2 && static_cast<uint8_t>(text[i + 1]) < 0xa0)
            return false;  // U+0080 to U+009F
    }
    return true;
}

bool is_plain_json(std::string_view text) {
    if (!is_utf8(text)) return false;
    bool in_string = false;
    int depth = 0;
    for (size_t at = 0, length = 1; at < text.size(); at += length) {
        const char c = text[at];
        length = 1;
        if (static_cast<uint8_t>(c) < 0x20) {
            if (in_string || (c != '\t' && c != '\n' && c != '\r')) return false;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            if (c == '\\') length = escape_length(text.substr(at));
            if (length == 0) return false;
        } else if (c == '{' || c == '[') {
            if (++depth > kMaxDepth) return false;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return true;
}

}  // namespace wse::strict_json
