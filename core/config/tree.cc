// SPDX-License-Identifier: MIT
#include "config/tree.h"

#include <algorithm>
#include <cstdio>

namespace wse::config {

const char *kind_name(Kind kind) {
    static constexpr const char *kNames[] = {"true or false", "a whole number", "a fraction",
                                             "a string",      "a list",         "a table",
                                             "a date or time"};
    return kNames[static_cast<size_t>(kind)];
}

const Member *Value::find(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member &member) { return member.name == name; });
    return found == members.end() ? nullptr : &*found;
}

Member *Value::find(std::string_view name) {
    return const_cast<Member *>(static_cast<const Value *>(this)->find(name));
}

const Value *Value::find_table(std::string_view name) const {
    const Member *const member = find(name);
    return member && member->value.kind == Kind::kTable ? &member->value : nullptr;
}

Value make_string(std::string text, const Location &at) {
    Value value;
    value.kind = Kind::kString;
    value.text = std::move(text);
    value.at = at;
    return value;
}

bool is_broken(const Value &value) {
    return value.broken || std::any_of(value.items.begin(), value.items.end(), is_broken) ||
           std::any_of(value.members.begin(), value.members.end(),
                       [](const Member &member) { return is_broken(member.value); });
}

bool is_rows(const Value &value) {
    return value.kind == Kind::kArray &&
           std::all_of(value.items.begin(), value.items.end(),
                       [](const Value &item) { return item.kind == Kind::kTable; });
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '$') {
            out += "$$";
        } else if (byte < 0x20 || byte == 0x7f) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string key_text(std::string_view name) {
    const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
    if (bare) return std::string(name);
    std::string text = quoted(name);
    // Keys are not expanded: a dollar in one stands for itself.
    for (size_t at = text.find("$$"); at != std::string::npos; at = text.find("$$", at + 1)) {
        text.erase(at, 1);
    }
    return text;
}

}  // namespace wse::config
