// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <time.h>

#include <algorithm>
#include <chrono>

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

// `width` digits at the front, taken off; nothing when there are not so many.
std::optional<unsigned> take_digits(std::string_view &text, size_t width) {
    if (text.size() < width) return std::nullopt;
    unsigned value = 0;
    for (const char c : text.substr(0, width)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take_one_of(std::string_view &text, std::string_view choices) {
    if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// The milliseconds of a fraction of any length.
std::optional<unsigned> take_fraction(std::string_view &text) {
    if (!take_one_of(text, ".")) return 0;
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    const std::string three =
        (std::string(text.substr(0, 3 < digits ? 3 : digits)) + "00").substr(0, 3);
    text.remove_prefix(digits);
    std::string_view rest = three;
    return take_digits(rest, 3);
}

// Minutes east of Greenwich.
std::optional<int> take_zone(std::string_view &text) {
    if (take_one_of(text, "Zz")) return 0;
    const int sign = text.starts_with('-') ? -1 : 1;
    if (!take_one_of(text, "+-")) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take_one_of(text, ":")) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    return sign * static_cast<int>(*hours * 60 + *minutes);
}

// Seconds since 1970 of a date and a time of day; nothing when there is no such day or time.
std::optional<int64_t> take_date(std::string_view &text) {
    constexpr size_t kWidths[] = {4, 2, 2, 2, 2, 2};
    constexpr std::string_view kBehind[] = {"-", "-", "Tt ", ":", ":", ""};
    unsigned parts[6] = {};
    for (size_t i = 0; i < 6; ++i) {
        const auto digits = take_digits(text, kWidths[i]);
        if (!digits || (i < 5 && !take_one_of(text, kBehind[i]))) return std::nullopt;
        parts[i] = *digits;
    }
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(parts[0])),
                                          std::chrono::month(parts[1]), std::chrono::day(parts[2])};
    if (!day.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) return std::nullopt;
    const auto days = std::chrono::sys_days(day).time_since_epoch().count();
    return int64_t{days} * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5];
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

std::optional<uint64_t> parse_timestamp(std::string_view text) {
    const auto seconds = take_date(text);
    if (!seconds) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) return std::nullopt;
    const int64_t utc = *seconds - int64_t{*zone} * 60;
    if (utc < 0) return std::nullopt;
    return static_cast<uint64_t>(utc) * 1000 + *fraction;
}

}  // namespace wse
