// SPDX-License-Identifier: MIT
// Points in time: what was read and is written again is the same point.
#include <algorithm>
#include <cstring>
#include <string>

#include "base/clock.h"
#include "fuzz.h"

namespace wse {
namespace {

constexpr uint64_t kLastMs = 253'402'300'799'999;  // of the year 9999

void check(uint64_t wall_ms) {
    const std::string text = format_timestamp(wall_ms);
    WSE_ASSERT(text.size() == 24, "a point in time of another length");
    WSE_ASSERT(parse_timestamp(text) == wall_ms, "a point in time is read as another");
}

}  // namespace
}  // namespace wse

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const auto read = wse::parse_timestamp(wse::fuzz::text_of(data, size));
    if (read && *read <= wse::kLastMs) wse::check(*read);
    uint64_t number = 0;
    std::memcpy(&number, data, std::min(size, sizeof number));
    wse::check(number % (wse::kLastMs + 1));
    wse::format_timestamp(number);
    return 0;
}
