// SPDX-License-Identifier: MIT
#include "base/uuid.h"

#include <algorithm>

#include "base/random.h"

namespace wse {

std::string uuid7(uint64_t wall_ms) {
    // RFC 9562 section 6.2, method 1: a 12-bit counter in rand_a, borrowing from the next
    // millisecond.
    thread_local uint64_t last = 0;
    const uint64_t candidate = (wall_ms << 12) | (random_u64() & 0x7ff);
    last = std::max(candidate, last + 1);
    const uint64_t high = ((last >> 12) << 16) | 0x7000 | (last & 0xfff);
    const uint64_t low = (random_u64() & 0x3fff'ffff'ffff'ffff) | 0x8000'0000'0000'0000;

    static constexpr char kHex[] = "0123456789abcdef";
    std::string text(36, '-');
    size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
        const uint64_t half = nibble < 16 ? high : low;
        text[at++] = kHex[(half >> (60 - 4 * (nibble % 16))) & 15];
    }
    return text;
}

}  // namespace wse
