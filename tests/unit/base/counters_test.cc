// SPDX-License-Identifier: MIT
#include "base/counters.h"

#include <gtest/gtest.h>

#include <set>

namespace wse {
namespace {

TEST(Counters, StartAtZeroAndAdd) {
    Counters counters;
    EXPECT_EQ(counters.read(Counter::published), 0U);
    counters.add(Counter::published);
    counters.add(Counter::published, 41);
    EXPECT_EQ(counters.read(Counter::published), 42U);
    EXPECT_EQ(counters.read(Counter::deliveries), 0U);
}

TEST(Counters, HaveDistinctNamesAndHelpForEach) {
    std::set<std::string_view> names;
    for (const auto &row : kCounterTable) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.help.empty()) << row.name;
    }
}

TEST(Counters, StandInTheTableAtTheirOwnPlace) {
    EXPECT_EQ(kCounterTable[static_cast<size_t>(Counter::upgrades)].name, "upgrades");
    EXPECT_EQ(kCounterTable[static_cast<size_t>(Counter::log_lines_dropped)].name,
              "log_lines_dropped");
}

}  // namespace
}  // namespace wse
