// SPDX-License-Identifier: MIT
#include "config/settings_row.h"

#include <algorithm>
#include <string>

#include "base/glob.h"

namespace wse::config {
namespace {

constexpr std::string_view kUser = "{sub}";

bool matches(std::string_view match, std::string_view topic) {
    std::string pattern;
    for (;;) {
        const size_t at = match.find(kUser);
        pattern.append(match.substr(0, at));
        if (at == std::string_view::npos) break;
        pattern += '*';
        match.remove_prefix(at + kUser.size());
    }
    return glob_match(pattern, topic);
}

}  // namespace

const TopicRow *settings_row(const std::vector<TopicRow> &rows, std::string_view topic) {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const TopicRow &row) { return matches(row.match, topic); });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace wse::config
