// SPDX-License-Identifier: MIT
// The state of topics without stamps: what is published meanwhile waits in the session.
#include "support/snapshot_fixture.h"

namespace wse::session {
namespace {

class HeldTest : public test::SnapshotFixture {
protected:
    HeldTest() { limit_outbound(8 << 20); }
};

TEST_F(HeldTest, GivesTheStateThenWhatCameMeanwhileThenTheStream) {
    open();
    publish_many("open:live", 1);
    subscribe("open:live");
    publish_many("open:live", 2);
    EXPECT_EQ(lines(), (Lines{"ack open:live"}));
    EXPECT_FALSE(asks.at(0).stamped);
    EXPECT_EQ(asks[0].position.offset, 1U);
    answer();
    publish_many("open:live", 1);
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "news 2", "news 3", "news 4"}));
}

TEST_F(HeldTest, LeavesOutWhatTheStateHasAlready) {
    open();
    subscribe("open:live");
    publish_many("open:live", 3);
    lines();
    answer(2);
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "news 3"}));
}

TEST_F(HeldTest, GivesEverythingWhenTheStateCannotBeHad) {
    open();
    subscribe("open:live");
    publish_many("open:live", 2);
    lines();
    fail();
    EXPECT_EQ(lines(), (Lines{"error SNAPSHOT_UNAVAILABLE", "news 1", "news 2"}));
}

TEST_F(HeldTest, SendsNoTimeThatHasPassed_M17) {
    open();
    subscribe("open:live");
    publish_many("open:live", 1);
    advance(1000);
    publish_many("open:live", 1);
    connection.take();
    answer();
    const auto all = replies();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_FALSE(all[1].root()["ts"]);
    EXPECT_TRUE(all[2].root()["ts"]);
}

TEST_F(HeldTest, HoldsNoMoreThanItsLimit) {
    open();
    subscribe("open:live");
    publish_many("open:live", 1000);
    EXPECT_EQ(lines(), (Lines{"ack open:live"}));
    publish_many("open:live", 1);
    const Lines all = lines();
    ASSERT_EQ(all.size(), 1002U);
    EXPECT_EQ(all.front(), "error SNAPSHOT_UNAVAILABLE");
    EXPECT_EQ(all.back(), "news 1001");
    answer();
    publish_many("open:live", 1);
    EXPECT_EQ(lines(), (Lines{"news 1002"}));
}

TEST_F(HeldTest, HoldsNoMoreBytesThanItsLimits) {
    open();
    subscribe("open:live");
    publish_many("open:live", 3, 100'000);
    EXPECT_EQ(lines(),
              (Lines{"ack open:live", "error SNAPSHOT_UNAVAILABLE", "news 1", "news 2", "news 3"}));
    limit_outbound(150'000);
    subscribe(R"("open:live1","open:live2")");
    publish_many("open:live1", 1, 100'000);
    lines();
    publish_many("open:live2", 1, 100'000);
    EXPECT_EQ(lines(), (Lines{"error SNAPSHOT_UNAVAILABLE", "news 1"})) << "of all its topics";
}

TEST_F(HeldTest, ClosesAClientThatDoesNotTakeWhatWasHeld) {
    open();
    subscribe("open:live");
    publish_many("open:live", 1000);
    connection.full = true;
    publish_many("open:live", 1);
    EXPECT_NE(connection.closed_code, 0);
}

TEST_F(HeldTest, LetsNoticesOfTheTopicPass) {
    policies.push_front({"open:live*", {.presence = true}});
    open();
    subscribe("open:live", R"(,"presence":{})");
    EXPECT_EQ(lines(), (Lines{"ack open:live", "presence_join"}));
}

TEST_F(HeldTest, GivesWhatWasHeldToAPatternThatTakesTheTopicStill) {
    open();
    subscribe("open:l*");
    subscribe("open:live");
    publish_many("open:live", 1);
    lines();
    unsubscribe("open:live");
    EXPECT_EQ(lines(), (Lines{"news 1", "unsubscribed"}));
    subscribe("open:live");
    publish_many("open:live", 1);
    unsubscribe(R"("open:l*","open:live")");
    publish_many("open:live", 1);
    EXPECT_EQ(lines(), (Lines{"ack open:live", "unsubscribed"}));
}

TEST_F(HeldTest, KeepsWhatWasHeldWhenTheTopicIsAskedForAgain) {
    open();
    subscribe("open:live");
    publish_many("open:live", 1);
    subscribe("open:live");
    EXPECT_EQ(asks.size(), 1U);
    lines();
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "news 1"}));
}

}  // namespace
}  // namespace wse::session
