// SPDX-License-Identifier: MIT
#include "config/units.h"

#include <charconv>
#include <limits>
#include <span>

namespace wse::config {
namespace {

struct Unit {
    std::string_view name;
    int64_t factor;
};

constexpr Unit kDurationUnits[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
constexpr Unit kSizeUnits[] = {{"g", 1 << 30}, {"m", 1 << 20}, {"k", 1 << 10}, {"", 1}};

Error refuse(std::string_view text, std::string_view why) {
    return {WSE_EINVAL, '\'' + std::string(text) + "' " + std::string(why)};
}

Result<int64_t> parse(std::string_view text, std::span<const Unit> units, std::string_view kind,
                      std::string_view known) {
    int64_t number = 0;
    const char *const end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, number);
    if (status == std::errc::result_out_of_range) return refuse(text, "is too large");
    if (status != std::errc() || number < 0)
        return refuse(text, std::string("is not ").append(kind));
    const std::string_view name(rest, static_cast<size_t>(end - rest));
    for (const Unit &unit : units) {
        if (unit.name != name) continue;
        if (number > std::numeric_limits<int64_t>::max() / unit.factor) {
            return refuse(text, "is too large");
        }
        return number * unit.factor;
    }
    if (name.empty()) return refuse(text, std::string("has no unit, one of ").append(known));
    return refuse(text, std::string("has an unknown unit, not one of ").append(known));
}

std::string format(int64_t value, std::span<const Unit> units) {
    for (const Unit &unit : units) {
        if (value != 0 && value % unit.factor == 0) {
            return std::to_string(value / unit.factor).append(unit.name);
        }
    }
    return std::to_string(value).append(units.back().name);
}

}  // namespace

Result<int64_t> parse_duration(std::string_view text) {
    return parse(text, kDurationUnits, "a duration like \"5s\"", "ms, s, m, h, d");
}

Result<int64_t> parse_size(std::string_view text) {
    return parse(text, kSizeUnits, "a size like \"64k\"", "k, m, g");
}

std::string format_duration(int64_t ms) {
    return format(ms, kDurationUnits);
}

std::string format_size(int64_t bytes) {
    return format(bytes, kSizeUnits);
}

}  // namespace wse::config
