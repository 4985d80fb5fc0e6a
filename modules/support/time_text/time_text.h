// SPDX-License-Identifier: MIT
// Times as other programs write them in JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wse::time_text {

// Milliseconds since 1970 of RFC 3339, from then to the year 9999. Nothing when it is none.
std::optional<uint64_t> parse_time(std::string_view text);

// The same of a JSON value, which is such a string, without escapes, or a number of milliseconds.
// Nothing for what is neither, and for numbers before 1973, which are seconds.
std::optional<uint64_t> time_of(std::string_view raw);

}  // namespace wse::time_text
