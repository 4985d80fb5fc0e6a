// SPDX-License-Identifier: MIT
#include "base/random.h"

#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/assert.h"

namespace wse {
namespace {

void fill_from_kernel(uint8_t *out, size_t count) {
    while (count > 0) {
        const ssize_t got = getrandom(out, count, 0);
        if (got < 0 && errno == EINTR) continue;
        WSE_ASSERT(got > 0, "getrandom gave nothing");
        out += got;
        count -= static_cast<size_t>(got);
    }
}

// A forked child has a copy of the pool and must not draw from it: counts the forks of our line.
std::atomic<uint32_t> forks{0};
[[maybe_unused]] const int kRegistered = pthread_atfork(nullptr, nullptr, [] { ++forks; });

}  // namespace

void random_bytes(void *out, size_t count) {
    thread_local uint8_t pool[512];
    thread_local size_t left = 0;
    thread_local uint32_t filled_after = 0;
    auto *to = static_cast<uint8_t *>(out);
    if (count > sizeof pool) return fill_from_kernel(to, count);
    const uint32_t now_after = forks.load(std::memory_order_relaxed);
    if (left < count || filled_after != now_after) {
        fill_from_kernel(pool, sizeof pool);
        left = sizeof pool;
        filled_after = now_after;
    }
    left -= count;
    std::memcpy(to, pool + left, count);
    std::memset(pool + left, 0, count);
}

uint64_t random_u64() {
    uint64_t value = 0;
    random_bytes(&value, sizeof value);
    return value;
}

}  // namespace wse
