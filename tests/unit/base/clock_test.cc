// SPDX-License-Identifier: MIT
#include "base/clock.h"

#include <gtest/gtest.h>

namespace wse {
namespace {

struct Row {
    uint64_t wall_ms;
    const char *text;
};

class Timestamps : public testing::TestWithParam<Row> {};

TEST_P(Timestamps, AreRfc3339InUtcWithMilliseconds) {
    EXPECT_EQ(format_timestamp(GetParam().wall_ms), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Table, Timestamps,
                         testing::Values(Row{0, "1970-01-01T00:00:00.000Z"},
                                         Row{1, "1970-01-01T00:00:00.001Z"},
                                         Row{999, "1970-01-01T00:00:00.999Z"},
                                         Row{951'782'400'000, "2000-02-29T00:00:00.000Z"},
                                         Row{1'767'323'045'678, "2026-01-02T03:04:05.678Z"},
                                         Row{1'798'761'599'999, "2026-12-31T23:59:59.999Z"},
                                         Row{253'402'300'799'999, "9999-12-31T23:59:59.999Z"}));

TEST(Timestamp, IsRightWhenTheClockGoesBackAndForth) {
    const std::string first = format_timestamp(1'767'323'045'678);
    format_timestamp(1'767'323'046'001);
    format_timestamp(0);
    EXPECT_EQ(format_timestamp(1'767'323'045'678), first);
}

TEST(Timestamp, HasItsLengthForEveryNumber) {
    EXPECT_EQ(format_timestamp(UINT64_MAX).size(), 24U);
}

TEST(SystemClock, NeverGoesBackAndKnowsTheYear) {
    const SystemClock clock;
    const uint64_t before = clock.monotonic_ms();
    EXPECT_GE(clock.monotonic_ms(), before);
    EXPECT_GT(clock.wall_ms(), 1'700'000'000'000U);
}

}  // namespace
}  // namespace wse
