// SPDX-License-Identifier: MIT
// What happens often and is told now and then, with how often it happened: a program that publishes
// nonsense must not fill the log.
#pragma once

#include <uv.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace wse::backplane_redis::parts {

class Seldom {
public:
    // It has happened. The number of times since it was told, with this one; 0: not to be told yet.
    uint64_t happened(const uv_loop_t *loop) {
        const uint64_t now = std::max<uint64_t>(uv_now(loop), 1);
        ++untold_;
        if (told_at_ != 0 && now < told_at_ + kTellEvery) return 0;
        told_at_ = now;
        return rest();
    }
    // What is still to be told at the end.
    uint64_t rest() { return std::exchange(untold_, 0); }

private:
    static constexpr uint64_t kTellEvery = 10'000;  // milliseconds
    uint64_t told_at_ = 0;                          // by the loop's clock; 0: never
    uint64_t untold_ = 0;
};

}  // namespace wse::backplane_redis::parts
