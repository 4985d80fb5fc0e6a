// SPDX-License-Identifier: MIT
#include "config/units.h"

#include <gtest/gtest.h>

namespace wse::config {
namespace {

struct Case {
    const char *text;
    int64_t value;  // -1: refused
};

TEST(Units, ReadsDurationsWithTheirUnitOnly) {
    const Case cases[] = {{"250ms", 250},
                          {"5s", 5000},
                          {"2m", 120000},
                          {"1h", 3600000},
                          {"1d", 86400000},
                          {"0s", 0},
                          {"5", -1},
                          {"", -1},
                          {"s", -1},
                          {"-5s", -1},
                          {"1.5s", -1},
                          {"5 s", -1},
                          {"5S", -1},
                          {"5sec", -1},
                          {"+5s", -1},
                          {"9223372036854775807d", -1},
                          {"99999999999999999999s", -1}};
    for (const Case &c : cases) {
        const Result<int64_t> parsed = parse_duration(c.text);
        EXPECT_EQ(parsed ? *parsed : -1, c.value) << c.text;
    }
}

TEST(Units, ReadsSizesAsBytesOrPowersOf1024) {
    const Case cases[] = {{"4096", 4096},         {"64k", 65536}, {"1m", 1048576},
                          {"1g", 1073741824},     {"0", 0},       {"64K", -1},
                          {"64kb", -1},           {"k", -1},      {"-1", -1},
                          {"9999999999999g", -1}, {"1t", -1}};
    for (const Case &c : cases) {
        const Result<int64_t> parsed = parse_size(c.text);
        EXPECT_EQ(parsed ? *parsed : -1, c.value) << c.text;
    }
}

TEST(Units, FormatsWhatParsesToTheSame) {
    for (const int64_t ms : {0, 1, 250, 1000, 1500, 60000, 90000, 3600000, 86400000}) {
        EXPECT_EQ(*parse_duration(format_duration(ms)), ms);
    }
    for (const int64_t bytes : {0, 1, 1024, 1536, 983040, 1048576}) {
        EXPECT_EQ(*parse_size(format_size(bytes)), bytes);
    }
    EXPECT_EQ(format_duration(90000), "90s");
    EXPECT_EQ(format_size(983040), "960k");
}

TEST(Units, NamesTheUnitsWhenOneIsMissing) {
    EXPECT_EQ(parse_duration("90").error().text, "'90' has no unit, one of ms, s, m, h, d");
    EXPECT_EQ(parse_duration("soon").error().text, "'soon' is not a duration like \"5s\"");
    EXPECT_EQ(parse_size("64x").error().text, "'64x' has an unknown unit, not one of k, m, g");
}

}  // namespace
}  // namespace wse::config
