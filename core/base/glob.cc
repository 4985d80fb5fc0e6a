// SPDX-License-Identifier: MIT
#include "base/glob.h"

namespace wse {

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

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

}  // namespace wse
