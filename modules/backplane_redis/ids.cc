// SPDX-License-Identifier: MIT
#include "ids.h"

#include <cstdio>
#include <random>

namespace wse::backplane_redis {
namespace {

// random_device is the kernel's randomness here; a seed of one word would repeat among many hosts.
uint64_t random_u64() {
    thread_local std::random_device device;
    return uint64_t{device()} << 32 | device();
}

}  // namespace

std::string random_host() {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random_u64()));
    return text;
}

uint32_t random_epoch() {
    for (;;) {
        const auto epoch = static_cast<uint32_t>(random_u64());
        if (epoch != 0) return epoch;
    }
}

std::string random_uuid(uint64_t now_ms) {
    const uint64_t a = random_u64();
    const uint64_t b = random_u64();
    char text[37];
    std::snprintf(text, sizeof text, "%08llx-%04llx-7%03llx-%04llx-%012llx",
                  static_cast<unsigned long long>(now_ms >> 16 & 0xffffffff),
                  static_cast<unsigned long long>(now_ms & 0xffff),
                  static_cast<unsigned long long>(a & 0xfff),
                  static_cast<unsigned long long>(0x8000 | (a >> 12 & 0x3fff)),
                  static_cast<unsigned long long>(b & 0xffffffffffff));
    return text;
}

}  // namespace wse::backplane_redis
