// SPDX-License-Identifier: MIT
#include "offer/offer.h"

#include <algorithm>
#include <vector>

#include <wse/module.h>

#include "json_text/json_text.h"

namespace wse::offer {

bool is_object(std::string_view offer) {
    const size_t begin = offer.find_first_not_of(" \t\n\r");
    return begin != std::string_view::npos && offer[begin] == '{' && json_text::is_json(offer);
}

std::string_view find(std::string_view offer, std::initializer_list<std::string_view> path) {
    std::vector<json_text::Member> members;
    for (const std::string_view name : path) {
        if (!json_text::members_of(offer, members)) return {};
        const auto found = std::find_if(members.begin(), members.end(),
                                        [&](const auto &member) { return member.name == name; });
        if (found == members.end()) return {};
        offer = found->value;
    }
    return offer;
}

std::optional<std::string> find_string(std::string_view offer,
                                       std::initializer_list<std::string_view> path) {
    const std::string_view value = find(offer, path);
    if (value.empty() || value.front() != '"') return std::nullopt;
    return json_text::decoded(value.substr(1, value.size() - 2));
}

int32_t fill(std::string_view text, void *out, uint64_t *inout) {
    if (text.size() > *inout) return WSE_ETOOBIG;
    text.copy(static_cast<char *>(out), text.size());
    *inout = text.size();
    return WSE_OK;
}

}  // namespace wse::offer
