// SPDX-License-Identifier: MIT
#include "backoff.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string_view>

namespace wse::app_webhook {
namespace {

constexpr uint32_t kMaxDoublings = 30;
constexpr uint64_t kMaxSeconds = 10'000'000;

// The digits there, and nothing but digits; -1 for anything else.
int number_at(std::string_view text, size_t at, size_t count) {
    int value = 0;
    const char *const end = text.data() + at + count;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && stop == end && text[at] != '-' ? value : -1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), in seconds since 1970; 0 for anything
// else. The C library would read it as its locale says.
uint64_t read_date(std::string_view text) {
    static constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != kForm.size() || !text.ends_with(" GMT")) return 0;
    const size_t month = kMonths.find(text.substr(8, 3));
    std::tm date{};
    date.tm_mday = number_at(text, 5, 2);
    date.tm_year = number_at(text, 12, 4) - 1900;
    date.tm_hour = number_at(text, 17, 2);
    date.tm_min = number_at(text, 20, 2);
    date.tm_sec = number_at(text, 23, 2);
    if (std::min({date.tm_mday, date.tm_year, date.tm_hour, date.tm_min, date.tm_sec}) < 0)
        return 0;
    if (month == std::string_view::npos || month % 3 != 0) return 0;
    date.tm_mon = static_cast<int>(month / 3);
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
    const uint64_t at_ms = read_date(header) * 1000;
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

}  // namespace wse::app_webhook
