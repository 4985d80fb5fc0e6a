// SPDX-License-Identifier: MIT
// How often an event may be logged, so that bad peers cannot fill a disk. Pure: it is told the
// time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/token_bucket.h"

namespace wse::log {

// One thread at a time.
class RateLimit {
public:
    // Names remembered; what comes beyond shares one bucket.
    static constexpr size_t kMaxEvents = 1024;

    RateLimit(uint64_t burst, uint64_t per_second) : burst_(burst), per_second_(per_second) {}

    struct Verdict {
        bool passes;
        uint64_t suppressed;  // when it passes: lines of this event refused since the last one
    };
    Verdict ask(std::string_view area, std::string_view event, uint64_t now_ms);
    size_t size() const { return events_.size(); }

private:
    struct Event {
        TokenBucket bucket;
        uint64_t suppressed = 0;
    };
    Event &find(std::string_view area, std::string_view event, uint64_t now_ms);

    uint64_t burst_;
    uint64_t per_second_;
    std::string key_;  // kept for its memory
    std::map<std::string, Event, std::less<>> events_;
};

}  // namespace wse::log
