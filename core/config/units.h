// SPDX-License-Identifier: MIT
// Durations and sizes as they are written in the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wse::config {

// "250ms", "5s", "2m", "1h", "1d" to milliseconds. The unit must be there; the error says what is
// wrong and ends with an example or the nearest right spelling.
Result<int64_t> parse_duration(std::string_view text);
// "4096", "64k", "1m", "1g" (of 1024) to bytes.
Result<int64_t> parse_size(std::string_view text);

// With the largest unit that leaves a whole number, so that parsing gives the same again.
std::string format_duration(int64_t ms);
std::string format_size(int64_t bytes);

}  // namespace wse::config
