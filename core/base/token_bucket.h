// SPDX-License-Identifier: MIT
// A token bucket: `capacity` at once, `per_second` in the long run.
#pragma once

#include <algorithm>
#include <cstdint>

namespace wse {

class TokenBucket {
public:
    TokenBucket(uint64_t capacity, uint64_t per_second, uint64_t now_ms)
        : capacity_(std::min(capacity, kMost)),
          per_second_(std::min(per_second, kMost)),
          milli_tokens_(capacity_ * 1000),
          last_ms_(now_ms) {}

    // Takes so many, or says that there are not as many left.
    bool take(uint64_t now_ms, uint64_t count = 1) {
        refill(now_ms);
        if (milli_tokens_ / 1000 < count) return false;
        milli_tokens_ -= count * 1000;
        return true;
    }

    // Taken, and not used.
    void give_back(uint64_t count) {
        milli_tokens_ = std::min(capacity_ * 1000, milli_tokens_ + std::min(count, kMost) * 1000);
    }

    bool is_full(uint64_t now_ms) const {
        TokenBucket then = *this;
        then.refill(now_ms);
        return then.milli_tokens_ >= capacity_ * 1000;
    }
    uint64_t left() const { return milli_tokens_ / 1000; }
    uint64_t capacity() const { return capacity_; }

private:
    static constexpr uint64_t kMost = UINT64_MAX / 4000;  // keeps refill() from overflowing

    void refill(uint64_t now_ms) {
        if (now_ms <= last_ms_) return;
        // Beyond the time that fills the bucket nothing more is gained; the bound also prevents
        // overflow.
        const uint64_t full_ms = per_second_ ? capacity_ * 1000 / per_second_ + 1 : 0;
        const uint64_t elapsed = std::min(now_ms - last_ms_, full_ms);
        milli_tokens_ = std::min(capacity_ * 1000, milli_tokens_ + elapsed * per_second_);
        last_ms_ = now_ms;
    }

    uint64_t capacity_;
    uint64_t per_second_;
    uint64_t milli_tokens_;
    uint64_t last_ms_;
};

}  // namespace wse
