// SPDX-License-Identifier: MIT
#include "backoff.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string>

namespace wse::app_webhook {
namespace {

constexpr uint32_t kMaxDoublings = 30;
constexpr uint64_t kMaxSeconds = 10'000'000;

// "Sun, 06 Nov 1994 08:49:37 GMT", in seconds since 1970; 0 for anything else. The C library would
// read it as its locale says.
uint64_t read_date(const std::string &text) {
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::tm date{};
    char month[4] = "", zone[4] = "";
    if (std::sscanf(text.c_str(), "%*3c, %2d %3c %4d %2d:%2d:%2d %3c", &date.tm_mday, month,
                    &date.tm_year, &date.tm_hour, &date.tm_min, &date.tm_sec, zone) != 7)
        return 0;
    const size_t at = kMonths.find(month);
    if (at == std::string_view::npos || at % 3 != 0 || std::string_view(zone) != "GMT") return 0;
    date.tm_mon = static_cast<int>(at / 3);
    date.tm_year -= 1900;
    const time_t seconds = timegm(&date);
    return seconds > 0 ? static_cast<uint64_t>(seconds) : 0;
}

}  // namespace

Backoff::Backoff(uint64_t first_ms, uint64_t last_ms, uint64_t seed)
    : first_ms_(first_ms),
      last_ms_(last_ms),
      random_(static_cast<std::minstd_rand::result_type>(seed)) {}

// Many servers whose application was away do not come back to it in one moment.
uint64_t Backoff::next_ms() {
    const uint64_t whole = std::min(first_ms_ << std::min(failures_, kMaxDoublings), last_ms_);
    ++failures_;
    return whole / 2 + random_() % (whole / 2 + 1);
}

uint64_t retry_after_ms(std::string_view header, uint64_t now_ms) {
    uint64_t seconds = 0;
    const char *const end = header.data() + header.size();
    const auto [stop, error] = std::from_chars(header.data(), end, seconds);
    if (!header.empty() && error == std::errc() && stop == end)
        return std::min(seconds, kMaxSeconds) * 1000;
    const uint64_t at_ms = read_date(std::string(header)) * 1000;
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

}  // namespace wse::app_webhook
