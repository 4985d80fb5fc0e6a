// SPDX-License-Identifier: MIT
// A clock that stands still until a test moves it.
#pragma once

#include "base/clock.h"

namespace wse::test {

class FakeClock final : public Clock {
public:
    uint64_t monotonic_ms() const override { return monotonic; }
    uint64_t wall_ms() const override { return wall; }
    void advance(uint64_t ms) {
        monotonic += ms;
        wall += ms;
    }

    uint64_t monotonic = 1'000'000;
    uint64_t wall = 1'767'323'045'678;  // 2026-01-02T03:04:05.678Z
};

}  // namespace wse::test
