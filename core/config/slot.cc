// SPDX-License-Identifier: MIT
#include "config/slot.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "config/option.h"
#include "config/suggest.h"
#include "config/units.h"

namespace wse::config {
namespace {

template <class T>
void write(const wse_option &option, void *config, const T &member) {
    std::memcpy(static_cast<std::byte *>(config) + option.offset, &member, sizeof member);
}

// What the value should look like, guessed from what it is; for the secret ones nothing is said.
std::string hint_for(const wse_option &option, const Value &value) {
    if (option.flags & WSE_OPT_F_SECRET) return {};
    const bool number_wanted = option.type == WSE_OPT_INT || option.type == WSE_OPT_FLOAT;
    const bool quoted_number = value.kind == Kind::kString && !value.text.empty() &&
                               value.text.find_first_not_of("0123456789.-") == std::string::npos;
    const std::string number = std::to_string(value.integer);
    if (number_wanted && quoted_number) return "write it without quotes: " + value.text;
    if (option.type == WSE_OPT_BOOL && (value.text == "true" || value.text == "false")) {
        return "write it without quotes: " + value.text;
    }
    if (option.type == WSE_OPT_STRING && value.kind == Kind::kInteger) {
        return "write it in quotes: \"" + number + '"';
    }
    if (option.type == WSE_OPT_DURATION && value.kind == Kind::kInteger) {
        return "add a unit, ms, s, m, h or d: \"" + number + "s\"";
    }
    if (option.type == WSE_OPT_STRINGS && value.kind == Kind::kString) {
        return "write it as a list: [" + quoted(value.text) + ']';
    }
    if (option.type == WSE_OPT_PAIRS) return "write { key = \"value\" }";
    return {};
}

Misfit wrong_type(const wse_option &option, const Value &value) {
    return {": expected " + expectation(option) + ", got " + kind_name(value.kind),
            hint_for(option, value), value.at};
}

bool outside(const wse_option &option, int64_t number) {
    return (option.min != 0 || option.max != 0) && (number < option.min || number > option.max);
}

Misfit store_number(const wse_option &option, int64_t number, const std::string &written,
                    const Value &value, void *config) {
    if (outside(option, number)) return {": " + written + bounds_text(option), {}, value.at};
    write(option, config, number);
    return {};
}

Misfit store_integer(const wse_option &option, const Value &value, void *config) {
    const bool auto_allowed = (option.flags & WSE_OPT_F_AUTO) != 0;
    if (auto_allowed && value.kind == Kind::kString) {
        if (value.text == "auto") {
            write(option, config, int64_t{0});
            return {};
        }
        Misfit misfit = wrong_type(option, value);
        const std::string words[] = {"auto"};
        if (nearest(value.text, words)) misfit.hint = "did you mean \"auto\"?";
        return misfit;
    }
    if (value.kind != Kind::kInteger) return wrong_type(option, value);
    return store_number(option, value.integer, std::to_string(value.integer), value, config);
}

Misfit store_float(const wse_option &option, const Value &value, void *config) {
    if (value.kind != Kind::kFloat && value.kind != Kind::kInteger) {
        return wrong_type(option, value);
    }
    const double number =
        value.kind == Kind::kFloat ? value.real : static_cast<double>(value.integer);
    const bool bounded = option.min != 0 || option.max != 0;
    const bool inside =
        number >= static_cast<double>(option.min) && number <= static_cast<double>(option.max);
    if (!std::isfinite(number)) return {": the number must be finite", {}, value.at};
    if (bounded && !inside) {
        return {": " + std::to_string(number) + bounds_text(option), {}, value.at};
    }
    write(option, config, number);
    return {};
}

// "90 s", "64K", "64kb", "1.5h": what was meant is plain, and there is one way to write it.
std::string unit_hint(const wse_option &option, const std::string &text) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return {};
    const bool duration = option.type == WSE_OPT_DURATION;
    if (digits == text.size()) return "did you mean \"" + text + "s\"?";
    const size_t letter = text.find_first_not_of(' ', digits);
    if (letter == std::string::npos) return {};
    char unit = text[letter];
    if (unit >= 'A' && unit <= 'Z') unit = static_cast<char>(unit - 'A' + 'a');
    // "ms", "msec", "millis", but not "min".
    const std::string_view second = std::string_view(text).substr(letter + 1, 3);
    const bool thousandth = duration && unit == 'm' && !second.empty() &&
                            (second[0] == 's' || second[0] == 'S' || second == "ill");
    const std::string_view units = duration ? "smhd" : "kmg";
    if (units.find(unit) == std::string_view::npos) return {};
    const std::string name = thousandth ? "ms" : std::string(1, unit);
    return "did you mean \"" + text.substr(0, digits) + name + "\"?";
}

Misfit store_quantity(const wse_option &option, const Value &value, void *config) {
    const bool duration = option.type == WSE_OPT_DURATION;
    if (!duration && value.kind == Kind::kInteger) {
        return store_number(option, value.integer, std::to_string(value.integer), value, config);
    }
    if (value.kind != Kind::kString) return wrong_type(option, value);
    const Result<int64_t> number = duration ? parse_duration(value.text) : parse_size(value.text);
    if (!number) return {": " + number.error().text, unit_hint(option, value.text), value.at};
    return store_number(option, *number, value.text, value, config);
}

Misfit store_word(const wse_option &option, const Value &value, void *config) {
    const std::vector<std::string> words = words_of(option);
    if (value.kind != Kind::kString) return wrong_type(option, value);
    const auto found = std::find(words.begin(), words.end(), value.text);
    if (found != words.end()) {
        write(option, config, static_cast<int32_t>(found - words.begin()));
        return {};
    }
    std::string message = ": '" + value.text + "' is not one of ";
    for (const std::string &word : words) message += (&word == &words[0] ? "" : ", ") + word;
    const auto meant = nearest(value.text, words);
    return {message, meant ? "did you mean '" + *meant + "'?" : std::string(), value.at};
}

// C strings end at the first NUL; a value that has one would be cut there without a word.
Misfit check_string(const wse_option &option, const Value &value) {
    if (value.kind != Kind::kString) return wrong_type(option, value);
    if (value.text.find('\0') == std::string::npos) return {};
    return {": the string contains a NUL character", {}, value.at};
}

Misfit store_strings(const wse_option &option, const Value &value, void *config, Arena &arena) {
    if ((option.flags & kOneOrMore) && value.kind == Kind::kString) {
        Value list;
        list.kind = Kind::kArray;
        list.at = value.at;
        list.items.push_back(value);
        return store_strings(option, list, config, arena);
    }
    if (value.kind != Kind::kArray) return wrong_type(option, value);
    const char **const items = arena.array<const char *>(value.items.size());
    for (size_t i = 0; i < value.items.size(); ++i) {
        if (value.items[i].kind != Kind::kString) {
            return {": expected a list of strings, got " +
                        std::string(kind_name(value.items[i].kind)) + " in it",
                    {},
                    value.items[i].at};
        }
        if (Misfit misfit = check_string(option, value.items[i])) return misfit;
        items[i] = arena.string(value.items[i].text);
    }
    write(option, config, wse_strings{items, value.items.size()});
    return {};
}

Misfit store_pairs(const wse_option &option, const Value &value, void *config, Arena &arena) {
    if (value.kind != Kind::kTable) return wrong_type(option, value);
    wse_pair *const items = arena.array<wse_pair>(value.members.size());
    for (size_t i = 0; i < value.members.size(); ++i) {
        const Member &member = value.members[i];
        if (member.value.kind != Kind::kString) {
            return {'.' + key_text(member.name) + ": expected a string, got " +
                        kind_name(member.value.kind),
                    {},
                    member.value.at};
        }
        if (Misfit misfit = check_string(option, member.value)) return misfit;
        items[i] = {arena.string(member.name), arena.string(member.value.text)};
    }
    write(option, config, wse_pairs{items, value.members.size()});
    return {};
}

}  // namespace

Misfit store(const wse_option &option, const Value &value, void *config, Arena &arena) {
    switch (option.type) {
        case WSE_OPT_BOOL:
            if (value.kind != Kind::kBool) return wrong_type(option, value);
            write(option, config, static_cast<int32_t>(value.boolean));
            return {};
        case WSE_OPT_INT:
            return store_integer(option, value, config);
        case WSE_OPT_FLOAT:
            return store_float(option, value, config);
        case WSE_OPT_DURATION:
        case WSE_OPT_SIZE:
            return store_quantity(option, value, config);
        case WSE_OPT_STRING:
            if (Misfit misfit = check_string(option, value)) return misfit;
            write(option, config, arena.string(value.text));
            return {};
        case WSE_OPT_ENUM:
            return store_word(option, value, config);
        case WSE_OPT_STRINGS:
            return store_strings(option, value, config, arena);
        case WSE_OPT_PAIRS:
            return store_pairs(option, value, config, arena);
        default:
            return {": option of unknown type " + std::to_string(option.type), {}, value.at};
    }
}

}  // namespace wse::config
