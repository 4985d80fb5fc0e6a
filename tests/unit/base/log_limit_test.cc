// SPDX-License-Identifier: MIT
#include "base/log_limit.h"

#include <gtest/gtest.h>

namespace wse::log {
namespace {

int passes(RateLimit &limit, std::string_view area, std::string_view event, int asked,
           uint64_t now_ms) {
    int passed = 0;
    for (int i = 0; i < asked; ++i) passed += limit.ask(area, event, now_ms).passes ? 1 : 0;
    return passed;
}

TEST(LogRateLimit, LetsABurstPassAndThenSoManyASecond) {
    RateLimit limit(100, 10);
    EXPECT_EQ(passes(limit, "net", "bad_frame", 1000, 0), 100);
    EXPECT_EQ(passes(limit, "net", "bad_frame", 1000, 1000), 10);
}

TEST(LogRateLimit, TellsTheNextLineHowManyWereSuppressed) {
    RateLimit limit(2, 1);
    passes(limit, "net", "bad_frame", 5, 0);
    const auto verdict = limit.ask("net", "bad_frame", 1000);
    EXPECT_TRUE(verdict.passes);
    EXPECT_EQ(verdict.suppressed, 3U);
    EXPECT_EQ(limit.ask("net", "bad_frame", 2000).suppressed, 0U);
}

TEST(LogRateLimit, CountsEventsOfEachAreaApart) {
    RateLimit limit(1, 1);
    EXPECT_TRUE(limit.ask("module_a", "module.log", 0).passes);
    EXPECT_FALSE(limit.ask("module_a", "module.log", 0).passes);
    EXPECT_TRUE(limit.ask("module_b", "module.log", 0).passes);
    EXPECT_TRUE(limit.ask("module_a", "other", 0).passes);
}

TEST(LogRateLimit, IsBoundedAndStillLimitsWhatCameTooLate) {
    RateLimit limit(1, 1);
    for (int i = 0; i < 5000; ++i) limit.ask("a", std::to_string(i), 0);
    EXPECT_EQ(limit.size(), RateLimit::kMaxEvents);
    EXPECT_FALSE(limit.ask("a", "one more", 0).passes);
    EXPECT_TRUE(limit.ask("a", "1", 1000).passes) << "early events keep their own bucket";
    EXPECT_TRUE(limit.ask("a", "one more", 1000).passes);
}

}  // namespace
}  // namespace wse::log
