// SPDX-License-Identifier: MIT
#include "server/readiness.h"

#include <utility>

#include "base/log.h"
#include "base/utf8.h"

namespace wse::server {

Readiness::Readiness(const config::Cluster &settings, const Clock &clock, TimerWheel &timers,
                     std::function<void()> close_sessions)
    : settings_(settings),
      clock_(clock),
      timers_(timers),
      timer_([this, close_sessions = std::move(close_sessions)] {
          log::warn("server", "cluster.sessions_closed",
                    {{"module", instance_}, {"deaf_ms", deaf_ms()}});
          close_sessions();
          timers_.schedule(timer_, settings_.deaf_after_ms);
      }) {}

void Readiness::expect(const std::string &instance) {
    instance_ = instance;
    reason_ = instance + ": has not said yet that messages pass";
    begin_deaf();
}

void Readiness::begin_deaf() {
    deaf_since_ms_ = clock_.monotonic_ms();
    if (settings_.when_deaf == config::WhenDeaf::kClose)
        timers_.schedule(timer_, settings_.deaf_after_ms);
}

void Readiness::set(int32_t status, std::string_view text) {
    if (status == WSE_OK) {
        timer_.cancel();
        if (!ready())
            log::info("server", "cluster.ready", {{"module", instance_}, {"deaf_ms", deaf_ms()}});
        reason_.clear();
        return;
    }
    const bool was_ready = ready();
    const std::string_view told = is_utf8(text) ? text : std::string_view();
    std::string reason =
        instance_ + ": " + std::string(told.empty() ? "messages do not pass" : told);
    if (reason == reason_) return;
    reason_ = std::move(reason);
    log::warn("server", "cluster.deaf", {{"module", instance_}, {"reason", told}});
    if (was_ready) begin_deaf();
}

uint64_t Readiness::deaf_ms() const {
    return ready() ? 0 : clock_.monotonic_ms() - deaf_since_ms_;
}

}  // namespace wse::server
