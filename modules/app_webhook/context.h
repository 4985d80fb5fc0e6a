// SPDX-License-Identifier: MIT
// What all parts of an instance have: the server, the options and the counters.
#pragma once

#include <cstdint>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"
#include "options.h"

namespace wse::app_webhook {

// As in kCounters.
enum Counter : size_t {
    kDelivered,
    kRequests,
    kRetried,
    kDropped,
    kCut,
    kLost,
    kCommands,
    kCommandsFailed,
    kGranted,
    kDenied,
    kUnavailable,
    kCounterCount
};

inline constexpr abi::Counter kCounters[kCounterCount] = {
    {"delivered", "events that the application took"},
    {"requests", "requests with events that were answered with success"},
    {"retried", "requests with events that are sent again"},
    {"dropped", "events that the application refused, which are not sent again"},
    {"cut", "events without their data, which was over max_body"},
    {"lost", "events that were not delivered when the server stopped"},
    {"commands", "commands in answers"},
    {"commands_failed", "of these, those that could not be done"},
    {"granted", "questions answered with yes"},
    {"denied", "questions answered with no"},
    {"unavailable", "questions without a useful answer"},
};

struct Context {
    const wse_host *host;
    const Config &config;
    uint32_t counters[kCounterCount] = {};

    void count(Counter counter, uint64_t number = 1) const {
        host->stat_add(host, counters[counter], static_cast<int64_t>(number));
    }
    void log(int32_t level, const std::string &text) const { host->log(host, level, text.c_str()); }
};

}  // namespace wse::app_webhook
