// SPDX-License-Identifier: MIT
// When an issuer's keys are fetched, and how long they serve. Times are milliseconds of a steady
// clock, which is the caller's.
#pragma once

#include <cstdint>

namespace wse::auth_jwt {

class Schedule {
public:
    struct Limits {
        uint64_t refresh_ms;    // at most between two fetches, while they succeed
        uint64_t cooldown_ms;   // at least between a fetch that succeeded and the next
        uint64_t max_stale_ms;  // keys serve as long after they came
    };

    explicit Schedule(const Limits &limits) : limits_(limits) {}

    // When the next fetch is to begin; UINT64_MAX while one is under way.
    uint64_t due_ms() const { return under_way_ ? UINT64_MAX : due_ms_; }
    bool is_under_way() const { return under_way_; }
    // A token may have one begin before it is due.
    bool may_begin(uint64_t now) const { return !under_way_ && now >= cool_until_ms_; }
    void begin() { under_way_ = true; }
    // `max_age_ms` is what the issuer said of the keys; 0: nothing.
    void succeed(uint64_t now, uint64_t max_age_ms);
    // Tried again after a second, then two, four and so on, up to the cooldown.
    void fail(uint64_t now);
    bool has_failed() const { return failures_ > 0; }
    bool serves(uint64_t now) const { return came_ && now < came_ms_ + limits_.max_stale_ms; }

private:
    Limits limits_;
    bool under_way_ = false;
    bool came_ = false;
    uint64_t came_ms_ = 0;
    uint64_t due_ms_ = 0;
    uint64_t cool_until_ms_ = 0;
    uint32_t failures_ = 0;  // since keys came last
};

}  // namespace wse::auth_jwt
