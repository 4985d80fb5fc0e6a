// SPDX-License-Identifier: MIT
#include "schedule.h"

#include <algorithm>

namespace wse::auth_jwt {
namespace {

constexpr uint64_t kFirstPauseMs = 1000;
constexpr uint32_t kMaxDoublings = 12;

}  // namespace

void Schedule::succeed(uint64_t now, uint64_t max_age_ms) {
    under_way_ = false;
    came_ = true;
    came_ms_ = now;
    failures_ = 0;
    cool_until_ms_ = now + limits_.cooldown_ms;
    const uint64_t age = max_age_ms == 0 ? limits_.refresh_ms : max_age_ms;
    due_ms_ = now + std::clamp(age, limits_.cooldown_ms, limits_.refresh_ms);
}

void Schedule::fail(uint64_t now) {
    under_way_ = false;
    const uint64_t pause = kFirstPauseMs << std::min(failures_, kMaxDoublings);
    ++failures_;
    due_ms_ = now + std::min(pause, limits_.cooldown_ms);
    cool_until_ms_ = due_ms_;
}

}  // namespace wse::auth_jwt
