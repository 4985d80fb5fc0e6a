// SPDX-License-Identifier: MIT
// show(): the way back from a member of the struct to what would stand in the file.
#include <charconv>
#include <cstring>

#include "config/option.h"
#include "config/slot.h"
#include "config/units.h"

namespace wse::config {
namespace {

template <class T>
T read(const wse_option &option, const void *config) {
    T member;
    std::memcpy(&member, static_cast<const std::byte *>(config) + option.offset, sizeof member);
    return member;
}

std::string show_strings(const wse_strings &strings, bool secret) {
    std::string out = "[";
    for (uint64_t i = 0; i < strings.count; ++i) {
        out.append(i ? ", " : "").append(quoted(secret ? "***" : strings.items[i]));
    }
    return out + ']';
}

std::string show_pairs(const wse_pairs &pairs, bool secret) {
    std::string out = "{";
    for (uint64_t i = 0; i < pairs.count; ++i) {
        out.append(i ? ", " : " ").append(key_text(pairs.items[i].key)).append(" = ");
        out += quoted(secret ? "***" : pairs.items[i].value);
    }
    return out + (pairs.count ? " }" : "}");
}

std::string show_float(double number) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    const std::string out(text, end);
    return out.find_first_of(".e") == std::string::npos ? out + ".0" : out;
}

}  // namespace

std::string show(const wse_option &option, const void *config) {
    const bool secret = (option.flags & WSE_OPT_F_SECRET) != 0;
    switch (option.type) {
        case WSE_OPT_BOOL:
            return read<int32_t>(option, config) ? "true" : "false";
        case WSE_OPT_INT: {
            const int64_t number = read<int64_t>(option, config);
            const bool is_auto = (option.flags & WSE_OPT_F_AUTO) && number == 0;
            return is_auto ? "\"auto\"" : std::to_string(number);
        }
        case WSE_OPT_FLOAT:
            return show_float(read<double>(option, config));
        case WSE_OPT_DURATION:
            return quoted(format_duration(read<int64_t>(option, config)));
        case WSE_OPT_SIZE: {
            const std::string text = format_size(read<int64_t>(option, config));
            return text.find_first_not_of("0123456789") == std::string::npos ? text : quoted(text);
        }
        case WSE_OPT_STRING: {
            const char *const text = read<const char *>(option, config);
            if (!text) return {};
            return quoted(secret && *text ? "***" : text);
        }
        case WSE_OPT_ENUM: {
            const auto place = static_cast<size_t>(read<int32_t>(option, config));
            const std::vector<std::string> words = words_of(option);
            return place < words.size() ? quoted(words[place]) : std::string();
        }
        case WSE_OPT_STRINGS:
            return show_strings(read<wse_strings>(option, config), secret);
        case WSE_OPT_PAIRS:
            return show_pairs(read<wse_pairs>(option, config), secret);
        default:
            return {};
    }
}

}  // namespace wse::config
