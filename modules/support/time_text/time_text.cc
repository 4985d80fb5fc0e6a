// SPDX-License-Identifier: MIT
#include "time_text/time_text.h"

#include <charconv>
#include <ctime>

namespace wse::time_text {
namespace {

constexpr uint64_t kFirstMillisecond = 100'000'000'000;     // as seconds, the year 5138
constexpr uint64_t kLastMillisecond = 253'402'300'799'999;  // of the year 9999

// Takes `digits` of them from the front.
std::optional<int> take_number(std::string_view &text, size_t digits) {
    int number = 0;
    if (text.size() < digits) return std::nullopt;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = 10 * number + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view &text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// "2026-01-02T03:04:05", in seconds.
std::optional<int64_t> take_date(std::string_view &text) {
    struct Part {
        size_t digits;
        std::string_view after;
        int least, most;
    };
    static constexpr Part kParts[] = {{4, "-", 1970, 9999}, {2, "-", 1, 12}, {2, "Tt ", 1, 31},
                                      {2, ":", 0, 23},      {2, ":", 0, 59}, {2, "", 0, 60}};
    int values[6] = {};
    for (size_t i = 0; i < 6; ++i) {
        const auto &[digits, after, least, most] = kParts[i];
        const auto number = take_number(text, digits);
        if (!number || *number < least || *number > most) return std::nullopt;
        if (!after.empty() && !take(text, after)) return std::nullopt;
        values[i] = *number;
    }
    std::tm date{};
    date.tm_year = values[0] - 1900;
    date.tm_mon = values[1] - 1;
    date.tm_mday = values[2];
    date.tm_hour = values[3];
    date.tm_min = values[4];
    date.tm_sec = values[5];
    return timegm(&date);
}

// ".678901", in milliseconds; 0 when there is none.
std::optional<int64_t> take_fraction(std::string_view &text) {
    if (!take(text, ".")) return 0;
    int64_t milliseconds = 0;
    size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits) {
        if (digits < 3) milliseconds = 10 * milliseconds + (text.front() - '0');
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) milliseconds *= 10;
    return milliseconds;
}

// "Z", "+02:00", in milliseconds.
std::optional<int64_t> take_zone(std::string_view &text) {
    if (take(text, "Zz")) return 0;
    const bool west = text.starts_with('-');
    if (!take(text, "+-")) return std::nullopt;
    const auto hours = take_number(text, 2);
    if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
    const auto minutes = take_number(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    const int64_t zone = (*hours * 60 + *minutes) * int64_t{60'000};
    return west ? -zone : zone;
}

}  // namespace

std::optional<uint64_t> parse_time(std::string_view text) {
    const auto seconds = take_date(text);
    if (!seconds) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) return std::nullopt;
    const int64_t time = *seconds * 1000 + *fraction - *zone;
    if (time < 0 || static_cast<uint64_t>(time) > kLastMillisecond) return std::nullopt;
    return static_cast<uint64_t>(time);
}

std::optional<uint64_t> time_of(std::string_view raw) {
    if (raw.size() >= 2 && raw.front() == '"') return parse_time(raw.substr(1, raw.size() - 2));
    double number = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
    if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
    if (number < kFirstMillisecond || number > kLastMillisecond) return std::nullopt;
    return static_cast<uint64_t>(number);
}

}  // namespace wse::time_text
