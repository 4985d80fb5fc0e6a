// SPDX-License-Identifier: MIT
// The options of backplane_redis, as the server fills them in. Strings live until destroy.
#pragma once

#include <cstdint>
#include <string>

#include "parts/options.h"

namespace wse::backplane_redis {

struct Config {
    const char *url;  // null: the usual place
    const char *prefix;
    int64_t shards;
    int64_t stream_length;
    int64_t stream_age_ms;
    int64_t topic_age_ms;
    int64_t dedup_age_ms;
    int64_t queue_messages;
    int64_t queue_bytes;
    int64_t queue_age_ms;
    int64_t lease_ms;
    int64_t vote_grace_ms;
    int64_t canary_ms;
    parts::PartsConfig parts;
};

inline const char *url_of(const Config &config) {
    return config.url ? config.url : "redis://localhost:6379";
}

// [main] One sentence about the first option that is wrong, or empty. Never a part of the url.
std::string option_problem(const Config &config);

}  // namespace wse::backplane_redis
