// SPDX-License-Identifier: MIT
#include "base/glob.h"

#include <vector>

namespace wse {
namespace {

// Neither is a star.
bool share_a_byte(char a, char b) {
    return a == b || a == '?' || b == '?';
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text, char any_run, char any_byte) {
    size_t p = 0;
    size_t t = 0;
    size_t star = std::string_view::npos;
    size_t retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == any_run) {
            star = p++;
            retry = t;
        } else if (p < pattern.size() && (pattern[p] == any_byte || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            // Only the last star needs to be tried again: an earlier one can gain nothing by taking
            // more.
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == any_run) ++p;
    return p == pattern.size();
}

bool globs_intersect(std::string_view a, std::string_view b) {
    // A table with a row for each beginning of `a` and a column for each of `b`: do the two match a
    // common text? Only the row above and the place up left are ever needed.
    std::vector<bool> row(b.size() + 1);
    for (size_t i = 0; i <= a.size(); ++i) {
        bool up_left = false;
        for (size_t j = 0; j <= b.size(); ++j) {
            const bool up = row[j];
            const bool left = j > 0 && row[j - 1];
            if (i == 0 && j == 0) {
                row[j] = true;
            } else if ((i > 0 && a[i - 1] == '*') || (j > 0 && b[j - 1] == '*')) {
                // The star is empty, or it takes what the other pattern has here.
                row[j] = up || left;
            } else {
                row[j] = up_left && share_a_byte(a[i - 1], b[j - 1]);
            }
            up_left = up;
        }
    }
    return row[b.size()];
}

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

}  // namespace wse
