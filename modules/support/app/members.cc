// SPDX-License-Identifier: MIT
#include "app/members.h"

#include <charconv>

namespace wse::app {

bool Members::read(std::string_view text) {
    if (!json_text::is_json(text) || !json_text::members_of(text, members_)) return false;
    for (size_t i = 1; i < members_.size(); ++i) {
        for (size_t k = 0; k < i; ++k) {
            if (members_[i].name == members_[k].name) return false;
        }
    }
    return true;
}

std::string_view Members::raw(std::string_view name) const {
    for (const json_text::Member &member : members_) {
        if (member.name == name) return member.value;
    }
    return {};
}

bool Members::is_nothing(std::string_view name) const {
    const std::string_view value = raw(name);
    return value.empty() || value == "null";
}

bool Members::text(std::string_view name, std::string &ret) const {
    return text_of_json(raw(name), ret);
}

bool Members::text_or_nothing(std::string_view name, std::string &ret) const {
    return is_nothing(name) || text(name, ret);
}

bool Members::number_or_nothing(std::string_view name, uint64_t &ret) const {
    if (is_nothing(name)) return true;
    const std::string_view value = raw(name);
    const char *const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, ret);
    return error == std::errc() && stop == end;
}

bool Members::flag_or_nothing(std::string_view name, bool &ret) const {
    if (is_nothing(name)) return true;
    ret = raw(name) == "true";
    return ret || raw(name) == "false";
}

bool Members::texts_or_nothing(std::string_view name, size_t max,
                               std::vector<std::string> &ret) const {
    std::vector<std::string_view> items;
    ret.clear();
    if (is_nothing(name)) return true;
    if (!json_text::items_of(raw(name), max, items)) return false;
    for (const std::string_view item : items) {
        if (!text_of_json(item, ret.emplace_back())) return false;
    }
    return true;
}

bool text_of_json(std::string_view json, std::string &ret) {
    if (!json.starts_with('"')) return false;
    ret = json_text::decoded(json.substr(1, json.size() - 2));
    return true;
}

}  // namespace wse::app
