// SPDX-License-Identifier: MIT
// The options of app_redis, as the server fills them in. Strings live until destroy.
#pragma once

#include <string>

#include <wse/module.h>

namespace wse::app_redis {

struct Config {
    const char *url;  // null: Redis on this host
    const char *stream;
    int64_t max_length;
    wse_strings groups;
    wse_strings events;
    const char *commands;  // null: none are read
    const char *commands_group;
    int64_t max_commands;
    int64_t timeout_ms;
};

extern const wse_option kOptions[];

// What `url` says, or the default.
const char *url_of(const Config &config);

// [main] One sentence about the first option that is wrong, or empty.
std::string option_problem(const Config &config);

}  // namespace wse::app_redis
