// SPDX-License-Identifier: MIT
#include "server/readiness.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace wse::server {
namespace {

class ReadinessTest : public testing::Test {
protected:
    void pass(uint64_t ms) {
        clock.advance(ms);
        timers.advance(clock.monotonic_ms());
    }

    wse::test::FakeClock clock;
    TimerWheel timers{clock};
    config::Cluster settings{.when_deaf = config::WhenDeaf::kClose, .deaf_after_ms = 30'000};
    int closed = 0;
    Readiness readiness{settings, clock, timers, [this] { ++closed; }};
};

TEST_F(ReadinessTest, IsThereWithoutABackplane) {
    EXPECT_TRUE(readiness.ready());
    pass(100'000);
    EXPECT_EQ(closed, 0);
}

TEST_F(ReadinessTest, ComesWhenTheBackplaneSaysThatMessagesPass) {
    readiness.expect("plane");
    EXPECT_FALSE(readiness.ready());
    EXPECT_EQ(readiness.reason(), "plane: has not said yet that messages pass");
    readiness.set(WSE_OK, "");
    EXPECT_TRUE(readiness.ready());
    EXPECT_EQ(readiness.deaf_ms(), 0U);
}

TEST_F(ReadinessTest, GoesWithTheReasonThatIsTold) {
    readiness.expect("plane");
    readiness.set(WSE_OK, "");
    readiness.set(WSE_EAGAIN, "the others are out of reach");
    EXPECT_EQ(readiness.reason(), "plane: the others are out of reach");
    pass(200);
    readiness.set(WSE_EAGAIN, "\xff");
    EXPECT_EQ(readiness.reason(), "plane: messages do not pass");
    EXPECT_EQ(readiness.deaf_ms(), 200U);
}

TEST_F(ReadinessTest, ClosesSessionsWhenItHasBeenGoneForLongAndAgainEachTime) {
    readiness.expect("plane");
    readiness.set(WSE_OK, "");
    readiness.set(WSE_EAGAIN, "away");
    pass(20'000);
    readiness.set(WSE_EAGAIN, "still away");
    EXPECT_EQ(closed, 0);
    pass(10'040);
    EXPECT_EQ(closed, 1);
    pass(30'040);
    EXPECT_EQ(closed, 2);
    readiness.set(WSE_OK, "");
    pass(100'000);
    EXPECT_EQ(closed, 2);
}

TEST_F(ReadinessTest, ClosesNobodyUnlessTheConfigurationSaysSo) {
    settings.when_deaf = config::WhenDeaf::kServe;
    readiness.expect("plane");
    pass(100'000);
    EXPECT_EQ(closed, 0);
}

}  // namespace
}  // namespace wse::server
