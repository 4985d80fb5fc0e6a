// SPDX-License-Identifier: MIT
#include "members.h"

#include <algorithm>

namespace wse::event_map {

bool Members::read(std::string_view text) {
    std::vector<json_text::Member> found;
    if (!json_text::members_of(text, found)) return false;
    members_.reserve(found.size());
    for (const auto &[written, value] : found) {
        const bool is_escaped = written.find('\\') != std::string_view::npos;
        if (is_escaped) decoded_.push_front(json_text::decoded(written));
        members_.push_back(
            {is_escaped ? std::string_view(decoded_.front()) : written, written, value});
    }
    return true;
}

std::string_view Members::find(std::string_view name) const {
    const auto found = std::find_if(begin(), end(), [&](const auto &m) { return m.name == name; });
    return found == end() ? std::string_view() : found->value;
}

}  // namespace wse::event_map
