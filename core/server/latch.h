// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace wse::server {

// Counts loops down to zero; the one place where the main thread waits for several of them.
class Latch {
public:
    explicit Latch(size_t count) : left_(count) {}
    void count_down() {
        const std::lock_guard lock(mutex_);
        if (--left_ == 0) zero_.notify_all();
    }
    // False when they are not there in time.
    bool wait(uint64_t limit_ms) {
        std::unique_lock lock(mutex_);
        return zero_.wait_for(lock, std::chrono::milliseconds(limit_ms),
                              [this] { return left_ == 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable zero_;
    size_t left_;
};

}  // namespace wse::server
