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

TEST_P(Timestamps, AreReadAsTheyAreWritten) {
    EXPECT_EQ(parse_timestamp(GetParam().text), GetParam().wall_ms);
}

TEST(Timestamp, HasItsLengthForEveryNumber) {
    EXPECT_EQ(format_timestamp(UINT64_MAX).size(), 24U);
}

struct Written {
    const char *text;
    uint64_t wall_ms;
};

class WrittenTimestamps : public testing::TestWithParam<Written> {};

TEST_P(WrittenTimestamps, AreRead) {
    EXPECT_EQ(parse_timestamp(GetParam().text), GetParam().wall_ms);
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrittenTimestamps,
    testing::Values(Written{"1970-01-01T00:00:00Z", 0}, Written{"1970-01-01T00:00:00.001Z", 1},
                    Written{"2026-01-02T03:04:05.678Z", 1'767'323'045'678},
                    Written{"2026-01-02t03:04:05.678z", 1'767'323'045'678},
                    Written{"2026-01-02 03:04:05.678901+00:00", 1'767'323'045'678},
                    Written{"2026-01-02T05:04:05.6+02:00", 1'767'323'045'600},
                    Written{"2026-01-01T22:34:05-04:30", 1'767'323'045'000},
                    Written{"2000-02-29T00:00:00.000Z", 951'782'400'000},
                    Written{"2016-12-31T23:59:60Z", 1'483'228'800'000}));

class NoTimestamps : public testing::TestWithParam<const char *> {};

TEST_P(NoTimestamps, AreRefused) {
    EXPECT_EQ(parse_timestamp(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NoTimestamps,
    testing::Values("", "now", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04Z",
                    "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
                    "2026-01-32T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z",
                    "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.x1Z",
                    "2026-01-02T03:04:05+2:00", "2026-01-02T03:04:05+0200",
                    "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05Z ", "1969-12-31T23:59:59Z",
                    "1970-01-01T00:00:00+00:01", "-026-01-02T03:04:05Z", "2026-1-02T03:04:05Z"));

TEST(SystemClock, NeverGoesBackAndKnowsTheYear) {
    const SystemClock clock;
    const uint64_t before = clock.monotonic_ms();
    EXPECT_GE(clock.monotonic_ms(), before);
    EXPECT_GT(clock.wall_ms(), 1'700'000'000'000U);
}

}  // namespace
}  // namespace wse
