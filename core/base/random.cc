// SPDX-License-Identifier: MIT
#include "base/random.h"

#include <sys/random.h>

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

}  // namespace

void random_bytes(void *out, size_t count) {
    thread_local uint8_t pool[512];
    thread_local size_t left = 0;
    auto *to = static_cast<uint8_t *>(out);
    if (count > sizeof pool) return fill_from_kernel(to, count);
    if (left < count) {
        fill_from_kernel(pool, sizeof pool);
        left = sizeof pool;
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
