// SPDX-License-Identifier: MIT
// The options of event_map, as the server fills them in.
#pragma once

#include <string>

#include <wse/module.h>

namespace wse::event_map {

struct Config {
    wse_pairs types;
    int32_t lower_case;
    wse_strings keep;
    wse_strings drop;
    wse_pairs rename;
    wse_strings topics;
    const char *metadata;
};

extern const wse_option kOptions[];

// Empty, or what is wrong with the options together.
std::string problem_in(const Config &config);

}  // namespace wse::event_map
