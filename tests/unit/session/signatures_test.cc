// SPDX-License-Identifier: MIT
#include "session/signatures.h"

#include <gtest/gtest.h>

namespace wse::session {
namespace {

constexpr uint64_t kNow = 1'700'000'000'000;

TEST(SignedBytes, TellTheMembersApart) {
    EXPECT_EQ(signed_bytes({"t", "id", "ts", "{}"}), "t\nid\nts\n{}");
    EXPECT_NE(signed_bytes({"a", "bc", "", ""}), signed_bytes({"ab", "c", "", ""}));
}

TEST(ReplayWindow, TakesAnIdOnce) {
    ReplayWindow window;
    EXPECT_TRUE(window.admit("a", kNow, kNow));
    EXPECT_TRUE(window.admit("b", kNow, kNow));
    EXPECT_FALSE(window.admit("a", kNow, kNow));
    EXPECT_FALSE(window.admit("a", kNow + 1, kNow + 1)) << "another time makes no other message";
}

TEST(ReplayWindow, TakesNoIdThatIsTooLong) {
    ReplayWindow window;
    EXPECT_TRUE(window.admit(std::string(ReplayWindow::kMaxIdBytes, 'a'), kNow, kNow));
    EXPECT_FALSE(window.admit(std::string(ReplayWindow::kMaxIdBytes + 1, 'a'), kNow, kNow));
    EXPECT_EQ(window.size(), 1U);
}

TEST(ReplayWindow, TakesTimesOfAMinuteAround) {
    ReplayWindow window;
    EXPECT_TRUE(window.admit("a", kNow - ReplayWindow::kWindowMs, kNow));
    EXPECT_TRUE(window.admit("b", kNow + ReplayWindow::kWindowMs, kNow));
    EXPECT_FALSE(window.admit("c", kNow - ReplayWindow::kWindowMs - 1, kNow));
    EXPECT_FALSE(window.admit("d", kNow + ReplayWindow::kWindowMs + 1, kNow));
}

TEST(ReplayWindow, ForgetsWhatCannotComeAgain) {
    ReplayWindow window;
    EXPECT_TRUE(window.admit("a", kNow, kNow));
    EXPECT_TRUE(window.admit("b", kNow + 70'000, kNow + 70'000));
    EXPECT_EQ(window.size(), 1U);
    EXPECT_FALSE(window.admit("a", kNow, kNow + 70'000)) << "it is too old now";
}

TEST(ReplayWindow, IsBoundedAndTakesNothingThatItMayHaveForgotten) {
    ReplayWindow window;
    const size_t count = ReplayWindow::kMaxIds + 100;
    for (size_t i = 0; i < count; ++i)
        ASSERT_TRUE(window.admit("id" + std::to_string(i), kNow + i, kNow + i)) << i;
    EXPECT_EQ(window.size(), ReplayWindow::kMaxIds);
    for (size_t i = 0; i < count; ++i)
        EXPECT_FALSE(window.admit("id" + std::to_string(i), kNow + i, kNow + count)) << i;
}

}  // namespace
}  // namespace wse::session
