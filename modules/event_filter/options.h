// SPDX-License-Identifier: MIT
// The options of event_filter, as the server fills them in: what a filter may cost.
#pragma once

#include <wse/module.h>

namespace wse::event_filter {

struct Config {
    int64_t max_depth;
    int64_t max_conditions;
    int64_t max_pattern;
    int64_t max_patterns;
    int64_t pattern_memory;
    int64_t max_text;
};

extern const wse_option kOptions[];

}  // namespace wse::event_filter
