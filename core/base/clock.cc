// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <time.h>

#include <cstdio>

namespace wse {
namespace {

uint64_t read_ms(clockid_t id) {
    timespec now{};
    clock_gettime(id, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 +
           static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

void put_digits(char *to, unsigned width, unsigned value) {
    for (; width > 0; value /= 10) to[--width] = static_cast<char>('0' + value % 10);
}

}  // namespace

uint64_t SystemClock::monotonic_ms() const {
    return read_ms(CLOCK_MONOTONIC);
}
uint64_t SystemClock::wall_ms() const {
    return read_ms(CLOCK_REALTIME);
}

std::string format_timestamp(uint64_t wall_ms) {
    // Breaking a second into a date costs far more than printing it, and messages come many a
    // second.
    thread_local uint64_t cached_second = UINT64_MAX;
    thread_local char cached[25] = "0000-00-00T00:00:00.000Z";
    const uint64_t second = wall_ms / 1000;
    if (second != cached_second) {
        const auto seconds = static_cast<time_t>(second);
        tm utc{};
        gmtime_r(&seconds, &utc);
        put_digits(cached, 4, static_cast<unsigned>(utc.tm_year + 1900) % 10000);
        put_digits(cached + 5, 2, static_cast<unsigned>(utc.tm_mon + 1));
        put_digits(cached + 8, 2, static_cast<unsigned>(utc.tm_mday));
        put_digits(cached + 11, 2, static_cast<unsigned>(utc.tm_hour));
        put_digits(cached + 14, 2, static_cast<unsigned>(utc.tm_min));
        put_digits(cached + 17, 2, static_cast<unsigned>(utc.tm_sec));
        cached_second = second;
    }
    std::string text(cached, 24);
    put_digits(text.data() + 20, 3, static_cast<unsigned>(wall_ms % 1000));
    return text;
}

}  // namespace wse
