// SPDX-License-Identifier: MIT
// Readiness: whether clients that come here get what other hosts have, as the backplane says, and
// what becomes of those that are here when it has been deaf for long. [service loop]
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "config/settings.h"
#include "loop/timer_wheel.h"

namespace wse::server {

class Readiness {
public:
    // `close_sessions` is called when it has been deaf for cluster.deaf_after, and again each time
    // that this has passed once more, where cluster.when_deaf is `close`. Everything outlives it.
    Readiness(const config::Cluster &settings, const Clock &clock, TimerWheel &timers,
              std::function<void()> close_sessions);

    // [main or service loop] There is a backplane, and it has not said that messages pass.
    void expect(const std::string &instance);
    // What the backplane says of itself; see module::Services.
    void set(int32_t status, std::string_view text);
    void stop() { timer_.cancel(); }

    bool ready() const { return reason_.empty(); }
    // One sentence, or empty.
    const std::string &reason() const { return reason_; }
    uint64_t deaf_ms() const;

private:
    void begin_deaf();

    const config::Cluster &settings_;
    const Clock &clock_;
    TimerWheel &timers_;
    std::string instance_;
    std::string reason_;
    uint64_t deaf_since_ms_ = 0;
    Timer timer_;
};

}  // namespace wse::server
