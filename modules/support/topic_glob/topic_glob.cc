// SPDX-License-Identifier: MIT
#include "topic_glob/topic_glob.h"

#include <cstddef>

namespace wse::topic_glob {

bool matches(std::string_view pattern, std::string_view topic) {
    size_t p = 0, t = 0;
    // The last run that was seen; when what follows it does not fit, it takes a byte more.
    size_t run = std::string_view::npos, run_end = 0;
    while (t < topic.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            run = p++;
            run_end = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == topic[t])) {
            ++p;
            ++t;
        } else if (run != std::string_view::npos) {
            p = run + 1;
            t = ++run_end;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace wse::topic_glob
