// SPDX-License-Identifier: MIT
#include "config/settings_row.h"

#include <gtest/gtest.h>

namespace wse::config {
namespace {

std::string row_of(std::string_view topic) {
    static const std::vector<TopicRow> kRows = {{.match = "user:{sub}:*"},
                                                {.match = "news"},
                                                {.match = "room:{sub}-{sub}"},
                                                {.match = "n*"}};
    const TopicRow *const row = settings_row(kRows, topic);
    return row ? row->match : "none";
}

TEST(SettingsRow, IsTheFirstThatMatches) {
    EXPECT_EQ(row_of("news"), "news");
    EXPECT_EQ(row_of("newspaper"), "n*");
}

TEST(SettingsRow, ReadsThePlaceOfTheUserAsAnyText) {
    EXPECT_EQ(row_of("user:alice:mail"), "user:{sub}:*");
    EXPECT_EQ(row_of("user:{sub}:mail"), "user:{sub}:*");
    EXPECT_EQ(row_of("room:alice-bob"), "room:{sub}-{sub}");
}

TEST(SettingsRow, IsNoneWhenNothingMatches) {
    EXPECT_EQ(row_of("user:alice"), "none");
    EXPECT_EQ(row_of(""), "none");
}

}  // namespace
}  // namespace wse::config
