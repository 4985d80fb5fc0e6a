// SPDX-License-Identifier: MIT
#include "config/hints.h"

#include <algorithm>
#include <vector>

#include "config/option.h"
#include "config/schema.h"
#include "config/suggest.h"

namespace wse::config {
namespace {

constexpr size_t kListedKeys = 12;

// Where the core has such a key, "[log]", "[http] or [limits]", "history of [[topic]]"; empty:
// nowhere.
std::string home_of(std::string_view key) {
    std::string homes;
    for (const Section &each : sections()) {
        const std::vector<std::string> keys = keys_of(each.table);
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
        homes += (homes.empty() ? "" : " or ") + each.header();
    }
    if (!homes.empty()) return homes;
    for (const Section &each : sections()) {
        for (const wse_option &option : Rows(each.table)) {
            if (group_of(option).empty() || key_of(option) != key) continue;
            return std::string(group_of(option)) + " of " + each.header();
        }
    }
    return {};
}

std::string near_in_other_sections(std::string_view key) {
    std::vector<std::string> all;
    for (const Section &each : sections()) {
        for (std::string &name : keys_of(each.table)) all.push_back(std::move(name));
    }
    const auto meant = nearest(key, all);
    if (!meant) return {};
    return "did you mean '" + *meant + "' in " + home_of(*meant) + '?';
}

std::string list_of(std::span<const std::string> names) {
    if (names.empty() || names.size() > kListedKeys) return {};
    std::string text = "known here: ";
    for (const std::string &name : names) text += (&name == &names[0] ? "" : ", ") + name;
    return text;
}

}  // namespace

KeyHint hint_for_key(std::string_view key, std::span<const std::string> own, bool foreign) {
    const std::string home = home_of(key);
    const auto meant = nearest(key, own);
    if (!home.empty() && !(foreign && meant)) {
        return {'\'' + std::string(key) + "' belongs to " + home, {}};
    }
    if (meant) return {"did you mean '" + *meant + "'?", *meant};
    const std::string other = near_in_other_sections(key);
    return {other.empty() ? list_of(own) : other, {}};
}

std::string hint_for_section(std::string_view name) {
    std::vector<std::string> names = {"include"};
    for (const Section &each : sections()) names.emplace_back(each.name);
    if (const auto meant = nearest(name, names)) {
        if (*meant == "include") return "did you mean 'include'?";
        return "did you mean " + section(*meant).header() + '?';
    }
    if (const std::string home = home_of(name); !home.empty()) {
        return '\'' + std::string(name) + "' belongs to " + home;
    }
    const std::string other = near_in_other_sections(name);
    return other.empty() ? list_of(names) : other;
}

}  // namespace wse::config
