// SPDX-License-Identifier: MIT
#include "config/option.h"

#include <algorithm>
#include <charconv>

#include "config/file.h"
#include "config/units.h"

namespace wse::config {
namespace {

struct Type {
    size_t size;
    size_t alignment;
    const char *word;
    const char *expectation;
};

template <class T>
constexpr Type type_of(const char *word, const char *expectation) {
    return {sizeof(T), alignof(T), word, expectation};
}

// By WSE_OPT_*; 0 is no type.
constexpr Type kTypes[] = {
    {0, 1, "nothing", "nothing"},
    type_of<int32_t>("boolean", "true or false"),
    type_of<int64_t>("number", "a whole number"),
    type_of<double>("number", "a number"),
    type_of<int64_t>("duration", "a duration like \"5s\""),
    type_of<int64_t>("size", "a size like 4096 or \"64k\""),
    type_of<const char *>("string", "a string"),
    type_of<int32_t>("word", "a word"),
    type_of<wse_strings>("list", "a list of strings"),
    type_of<wse_pairs>("table", "a table of strings"),
};

const Type &type_row(wse_option_type type) {
    return kTypes[type < std::size(kTypes) ? type : 0];
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Numbers and booleans are themselves in a text; what is not stays a string, and the binder says
// so.
Value scalar(const wse_option &option, const std::string &text) {
    const bool number =
        option.type == WSE_OPT_INT || option.type == WSE_OPT_FLOAT || option.type == WSE_OPT_SIZE;
    if (number || option.type == WSE_OPT_BOOL) {
        const Result<Value> parsed = parse_value(text);
        const bool scalar = parsed && parsed->kind != Kind::kArray && parsed->kind != Kind::kTable;
        if (scalar) return *parsed;
    }
    return make_string(text, {});
}

Value list_of_commas(const std::string &text) {
    Value list;
    list.kind = Kind::kArray;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin) list.items.push_back(make_string(text.substr(begin, end - begin), {}));
        begin = end + 1;
    }
    return list;
}

void place_all(Value &value, const Location &at) {
    value.at = at;
    for (Value &item : value.items) place_all(item, at);
    for (Member &member : value.members) {
        member.at = at;
        place_all(member.value, at);
    }
}

bool is_collection(const wse_option &option) {
    return option.type == WSE_OPT_STRINGS || option.type == WSE_OPT_PAIRS;
}

}  // namespace

std::vector<std::string> words_of(const wse_option &option) {
    std::vector<std::string> words;
    std::string_view rest = option.choices ? option.choices : "";
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('|'), rest.size());
        words.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return words;
}

std::string_view group_of(const wse_option &option) {
    const std::string_view name = option.name;
    const size_t dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::string_view key_of(const wse_option &option) {
    const std::string_view name = option.name;
    return name.substr(name.find('.') + 1);
}

std::vector<std::string> keys_of(const OptionTable &table, std::string_view group) {
    std::vector<std::string> keys;
    for (const wse_option &option : Rows(table)) {
        const std::string_view own = group_of(option);
        const bool outside = group.empty() && !own.empty();
        if (!outside && own != group) continue;
        const std::string_view key = outside ? own : key_of(option);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.emplace_back(key);
    }
    return keys;
}

size_t member_size(wse_option_type type) {
    return type_row(type).size;
}

size_t member_alignment(wse_option_type type) {
    return type_row(type).alignment;
}

std::string expectation(const wse_option &option) {
    std::string text = type_row(option.type).expectation;
    if (option.flags & kOneOrMore) text = "a string or " + text;
    if (option.flags & WSE_OPT_F_AUTO) text += " or \"auto\"";
    return text;
}

const char *type_word(wse_option_type type) {
    return type_row(type).word;
}

std::string written(const wse_option &option, int64_t bound) {
    if (option.type == WSE_OPT_DURATION) return format_duration(bound);
    if (option.type == WSE_OPT_SIZE) return format_size(bound);
    return std::to_string(bound);
}

std::string bounds_text(const wse_option &option) {
    if (option.min == 0 && option.max == 0) return {};
    return " is not between " + written(option, option.min) + " and " + written(option, option.max);
}

Value value_of_fallback(const wse_option &option) {
    const std::string text = option.fallback ? option.fallback : "";
    if (!is_collection(option)) return scalar(option, text);
    Result<Value> parsed = parse_value(text);
    return parsed ? std::move(*parsed) : make_string(text, {});
}

Value value_of_environment(const wse_option &option, const std::string &text, const Location &at) {
    Value value;
    if (option.type == WSE_OPT_DURATION && all_digits(text)) {
        value = make_string(text + 's', at);
    } else if (option.type == WSE_OPT_BOOL && (text == "1" || text == "0")) {
        value.kind = Kind::kBool;
        value.boolean = text == "1";
    } else if (option.type == WSE_OPT_STRINGS && text.substr(0, 1) != "[") {
        value = list_of_commas(text);
    } else if (is_collection(option)) {
        Result<Value> parsed = parse_value(text);
        value = parsed ? std::move(*parsed) : make_string(text, at);
    } else {
        value = scalar(option, text);
    }
    place_all(value, at);
    return value;
}

}  // namespace wse::config
