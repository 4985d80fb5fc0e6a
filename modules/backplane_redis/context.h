// SPDX-License-Identifier: MIT
// What all parts of an instance share: the server, the options, names, counters, and the parts
// beside the shards, as far as those use them.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "locator.h"
#include "names.h"
#include "options.h"

namespace wse::backplane_redis {

enum Counter : uint32_t {
    kAppended,
    kBatches,
    kReceived,
    kRead,
    kFollowed,
    kRefused,
    kHoles,
    kEpochsLost,
    kReconnects,
    kDeadLetters,
    kIngress,
    kIngressRefused,
    kCanariesLate,
    kBreakersOpened,
    kCounters
};

// What the shards ask of the other parts. An empty function is a part that is not there.
struct Periphery {
    // The text that Redis keeps instead of a payload, and back; nothing when it does not open.
    std::function<std::string(std::string_view plain)> seal;
    std::function<std::optional<std::string>(std::string_view token)> open;
    std::function<void(std::string_view topic, std::string_view message, std::string_view reason)>
        dead_letter;
    // Hosts whose lease holds, this one or not.
    std::function<std::vector<std::string>()> live_hosts;
    // This host is the one that reads what backends publish.
    std::function<bool()> reads_ingress;
    // An operator's question that is not "status". WSE_OK: the token will be answered.
    std::function<int32_t(std::string_view command, std::string_view request,
                          wse_command_token *token)>
        command;
};

// Made once; one loop.
struct Context {
    const wse_host *host;
    const Config &config;
    Names names;
    std::string self;  // what this host is called
    uint32_t counters[kCounters] = {};
    wse_loop *loop = nullptr;
    uv_loop_t *uv = nullptr;
    Locator *locator = nullptr;
    Periphery periphery = {};
    bool ready = false;  // the others have this host, and it has their number of shards
    // Calls tick of all shards after so many milliseconds at the latest.
    std::function<void(uint64_t)> wake = {};

    uint64_t now() const { return uv_now(uv); }
    void count(Counter counter, uint64_t by = 1) const {
        host->stat_add(host, counters[counter], static_cast<int64_t>(by));
    }
    void dead_letter(std::string_view topic, std::string_view message,
                     std::string_view reason) const;
    void log(int32_t level, const std::string &text) const { host->log(host, level, text.c_str()); }
};

// [main] Registers the counters; a problem, or empty.
std::string register_counters(Context &context);

}  // namespace wse::backplane_redis
