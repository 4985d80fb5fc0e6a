// SPDX-License-Identifier: MIT
// What all parts of an instance have: the server, the options and the counters.
#pragma once

#include <cstdint>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"
#include "options.h"
#include "redis_client/url.h"

namespace wse::app_redis {

// As in kCounters.
enum Counter : size_t {
    kDelivered,
    kWrites,
    kRetried,
    kLost,
    kCommands,
    kCommandsFailed,
    kRepliesLost,
    kCounterCount
};

inline constexpr abi::Counter kCounters[kCounterCount] = {
    {"delivered", "events that are in the stream"},
    {"writes", "times that events were added, many at once"},
    {"retried", "times that adding events was tried again"},
    {"lost", "events that were not added when the server stopped"},
    {"commands", "commands read"},
    {"commands_failed", "of these, those that could not be done"},
    {"replies_lost", "results that could not be told"},
};

struct Context {
    const wse_host *host;
    const Config &config;
    redis::Url url;
    uint32_t counters[kCounterCount] = {};

    void count(Counter counter, uint64_t number = 1) const {
        host->stat_add(host, counters[counter], static_cast<int64_t>(number));
    }
    void log(int32_t level, const std::string &text) const { host->log(host, level, text.c_str()); }
};

}  // namespace wse::app_redis
