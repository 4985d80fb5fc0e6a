// SPDX-License-Identifier: MIT
// Clock: the only way the core learns the time, so that tests set it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse {

// Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    // Never goes back; for timers, limits and deadlines.
    virtual uint64_t monotonic_ms() const = 0;
    // Milliseconds since 1970; for what people and tokens read (ts, exp, nbf). May jump.
    virtual uint64_t wall_ms() const = 0;
};

class SystemClock final : public Clock {
public:
    uint64_t monotonic_ms() const override;
    uint64_t wall_ms() const override;
};

// RFC 3339 in UTC with milliseconds: "2026-01-02T03:04:05.678Z".
std::string format_timestamp(uint64_t wall_ms);
// RFC 3339, with or without a fraction, in any zone, from 1970 on: milliseconds, the rest of the
// fraction is cut. Nothing for any other text.
std::optional<uint64_t> parse_timestamp(std::string_view text);

}  // namespace wse
