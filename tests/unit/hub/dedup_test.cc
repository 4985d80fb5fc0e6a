// SPDX-License-Identifier: MIT
#include "hub/dedup.h"

#include <gtest/gtest.h>

#include <string>

namespace wse::hub {
namespace {

constexpr proto::Position kPlace{1, 41};

uint64_t offset_of(const proto::Position *position) {
    return position ? position->offset : 0;
}

TEST(DedupWindow, KnowsAnIdAgainOnItsTopic) {
    DedupWindow window({.ids = 10, .age_ms = 0});
    EXPECT_EQ(window.find("a", "1", 0), nullptr);
    window.remember("a", "1", kPlace, 0);
    ASSERT_NE(window.find("a", "1", 0), nullptr);
    EXPECT_EQ(*window.find("a", "1", 0), kPlace);
    EXPECT_EQ(window.find("b", "1", 0), nullptr);
    EXPECT_EQ(window.find("a", "2", 0), nullptr);
}

TEST(DedupWindow, TellsWhereTheTopicEndsAndTheIdBegins) {
    DedupWindow window({.ids = 10, .age_ms = 0});
    window.remember("ab", "c", kPlace, 0);
    EXPECT_EQ(window.find("a", "bc", 0), nullptr);
    EXPECT_EQ(window.find("abc", "", 0), nullptr);
    window.remember("a", "bc", {1, 42}, 0);
    EXPECT_EQ(offset_of(window.find("ab", "c", 0)), 41U);
    EXPECT_EQ(offset_of(window.find("a", "bc", 0)), 42U);
}

TEST(DedupWindow, TakesAnyBytesForAnId) {
    DedupWindow window({.ids = 10, .age_ms = 0});
    using std::string_view_literals::operator""sv;
    window.remember("a", "1\0002"sv, kPlace, 0);
    EXPECT_NE(window.find("a", "1\0002"sv, 0), nullptr);
    EXPECT_EQ(window.find("a", "1\0003"sv, 0), nullptr);
}

TEST(DedupWindow, ForgetsTheOldestBeyondItsCount) {
    DedupWindow window({.ids = 2, .age_ms = 0});
    for (const char *id : {"1", "2", "3"}) window.remember("a", id, kPlace, 0);
    EXPECT_EQ(window.size(), 2U);
    EXPECT_EQ(window.find("a", "1", 0), nullptr);
    EXPECT_NE(window.find("a", "2", 0), nullptr);
    EXPECT_NE(window.find("a", "3", 0), nullptr);
}

TEST(DedupWindow, DoesNotKnowAnIdOfTheAgeLimit) {
    DedupWindow window({.ids = 10, .age_ms = 100});
    window.remember("a", "1", kPlace, 1000);
    EXPECT_NE(window.find("a", "1", 1099), nullptr);
    EXPECT_EQ(window.find("a", "1", 1100), nullptr);
}

TEST(DedupWindow, TakesAnIdAgainThatIsTooOld) {
    DedupWindow window({.ids = 10, .age_ms = 100});
    window.remember("a", "1", kPlace, 1000);
    window.remember("a", "1", {1, 77}, 1100);
    EXPECT_EQ(offset_of(window.find("a", "1", 1199)), 77U);
    EXPECT_EQ(window.size(), 1U);
}

TEST(DedupWindow, KeepsTheFirstPlaceAndAgeOfAnIdItKnows) {
    DedupWindow window({.ids = 10, .age_ms = 100});
    window.remember("a", "1", kPlace, 1000);
    window.remember("a", "1", {1, 77}, 1050);
    EXPECT_EQ(window.size(), 1U);
    EXPECT_EQ(offset_of(window.find("a", "1", 1099)), 41U);
    EXPECT_EQ(window.find("a", "1", 1100), nullptr);
}

TEST(DedupWindow, FreesWhatIsTooOld) {
    DedupWindow window({.ids = 10, .age_ms = 100});
    window.remember("a", "1", kPlace, 1000);
    window.remember("a", "2", kPlace, 1050);
    window.expire(1100);
    EXPECT_EQ(window.size(), 1U);
    window.remember("a", "3", kPlace, 1150);
    EXPECT_EQ(window.size(), 1U);
}

TEST(DedupWindow, RemembersNothingWithALimitOfZero) {
    DedupWindow window({.ids = 0, .age_ms = 100});
    window.remember("a", "1", kPlace, 0);
    EXPECT_EQ(window.find("a", "1", 0), nullptr);
    EXPECT_EQ(window.size(), 0U);
}

TEST(DedupWindow, FindsEveryIdOfALongWindow) {
    DedupWindow window({.ids = 1000, .age_ms = 0});
    for (uint64_t i = 1; i <= 5000; ++i) window.remember("topic", std::to_string(i), {1, i}, i);
    EXPECT_EQ(window.size(), 1000U);
    for (uint64_t i = 1; i <= 5000; ++i)
        ASSERT_EQ(offset_of(window.find("topic", std::to_string(i), 0)), i > 4000 ? i : 0);
}

}  // namespace
}  // namespace wse::hub
