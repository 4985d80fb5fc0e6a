// SPDX-License-Identifier: MIT
#include "config/option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wse::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

wse_option named(const char *name) {
    return {name, WSE_OPT_INT, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr};
}

TEST(Option, StandsInAGroupWhenItsNameHasADot) {
    EXPECT_EQ(group_of(named("history.messages")), "history");
    EXPECT_EQ(key_of(named("history.messages")), "messages");
    EXPECT_EQ(group_of(named("match")), "");
    EXPECT_EQ(key_of(named("match")), "match");
}

TEST(Option, HasItsGroupAsTheKeyOfTheSection) {
    const wse_option rows[] = {named("match"), named("history.messages"), named("history.age"),
                               named("slow"), named(nullptr)};
    const OptionTable table{rows, sizeof(wse_option), 8};
    EXPECT_THAT(keys_of(table), ElementsAre("match", "history", "slow"));
    EXPECT_THAT(keys_of(table, "history"), ElementsAre("messages", "age"));
    EXPECT_THAT(keys_of(table, "match"), IsEmpty());
}

}  // namespace
}  // namespace wse::config
