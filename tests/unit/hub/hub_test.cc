// SPDX-License-Identifier: MIT
#include "hub/hub.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/fake_cluster.h"
#include "support/hub_recorder.h"

namespace wse::hub {
namespace {

using test::HubRecorder;

class HubTest : public testing::Test {
protected:
    using Lines = std::vector<std::string>;

    void publish(const std::string &topic, const std::string &payload, uint64_t request = 0) {
        hub.publish({{0, 0, request}, {topic, "type", "id", payload, proto::Priority::kNormal}});
    }
    void subscribe(LoopIndex loop, uint64_t session, const std::string &topic, bool again = false) {
        hub.subscribe({{loop, session, 0}, {{topic, again}}});
    }

    void join_cluster() {
        policy.clustered = true;
        hub.set_cluster(&cluster);
    }

    test::FakeClock clock;
    HubRecorder effects;
    test::FakeCluster cluster;
    TopicPolicy policy;
    Hub hub{clock, Limits{.loops = 3, .topics = 3, .pending_submits = 2}, effects,
            [this](std::string_view) -> const TopicPolicy & { return policy; }, 1};
};

TEST_F(HubTest, NumbersTheMessagesOfATopicFromOneWithoutGaps_M8) {
    publish("a", "1", 7);
    publish("b", "2", 8);
    publish("a", "3", 9);
    EXPECT_EQ(effects.take(), (Lines{"published 7 @1", "published 8 @1", "published 9 @2"}));
}

TEST_F(HubTest, DeliversOncePerInterestedLoop) {
    subscribe(0, 1, "a");
    subscribe(0, 2, "a");
    subscribe(2, 3, "a");
    effects.take();
    publish("a", "x");
    EXPECT_EQ(effects.take(), (Lines{"deliver 0 a@1 x", "deliver 2 a@1 x", "published 0 @1"}));
}

TEST_F(HubTest, AnswersASubscriptionWithTheLastOffsetBeforeTheFirstLiveMessage_M7) {
    publish("a", "before");
    effects.take();
    subscribe(1, 5, "a");
    publish("a", "after");
    EXPECT_EQ(effects.take(), (Lines{"subscribed 5 a@1", "deliver 1 a@2 after", "published 0 @2"}));
}

TEST_F(HubTest, StopsDeliveringToALoopWhenItsLastSubscriberLeaves) {
    subscribe(0, 1, "a");
    subscribe(0, 2, "a");
    hub.unsubscribe({0, 1, {{"a"}}});
    effects.take();
    publish("a", "x");
    hub.unsubscribe({0, 1, {{"a"}}});
    publish("a", "y");
    EXPECT_EQ(effects.take(), (Lines{"deliver 0 a@1 x", "published 0 @1", "published 0 @2"}));
}

TEST_F(HubTest, CountsASessionThatSubscribesAgainOnce) {
    subscribe(0, 1, "a");
    subscribe(0, 1, "a", true);
    hub.unsubscribe({0, 1, {{"a"}}});
    effects.take();
    publish("a", "x");
    EXPECT_EQ(effects.take(), (Lines{"published 0 @1"}));
}

TEST_F(HubTest, TellsThePublisherWhenTheClusterRefuses) {
    join_cluster();
    publish("a", "x", 1);
    hub.refuse(cluster.tickets[0], Error{WSE_EAGAIN, "away"});
    EXPECT_EQ(effects.take(), (Lines{"published 1 temporarily unavailable"}));
}

TEST_F(HubTest, IgnoresASecondAnswerToOneTicket) {
    join_cluster();
    publish("a", "x", 1);
    const auto ticket = cluster.tickets[0];
    hub.commit(ticket, {1, 1});
    effects.take();
    hub.commit(ticket, {1, 2});
    hub.refuse(ticket, Error{});
    EXPECT_EQ(effects.take(), Lines{});
}

TEST_F(HubTest, RefusesPublishesBeyondThePendingLimit) {
    join_cluster();
    publish("a", "1", 1);
    publish("a", "2", 2);
    publish("a", "3", 3);
    EXPECT_EQ(effects.take(), (Lines{"published 3 temporarily unavailable"}));
}

TEST_F(HubTest, RefusesPublishesWhileALoopIsBehind) {
    effects.is_congested = true;
    publish("a", "x", 4);
    EXPECT_EQ(effects.take(), (Lines{"published 4 temporarily unavailable"}));
    EXPECT_EQ(hub.topic_count(), 0U);
}

TEST_F(HubTest, ForgetsTheLongestIdleTopicToMakeRoom) {
    publish("a", "1");
    publish("b", "1");
    subscribe(0, 1, "c");
    publish("a", "2");  // now b has been idle longest
    publish("d", "1");
    EXPECT_FALSE(hub.row("b"));
    EXPECT_TRUE(hub.row("a"));
    EXPECT_TRUE(hub.row("c"));
}

TEST_F(HubTest, GivesATopicThatComesBackANewEpoch) {
    publish("a", "1");
    const auto first = hub.row("a")->head.epoch;
    for (const char *other : {"b", "c", "d"}) publish(other, "1");
    ASSERT_FALSE(hub.row("a"));
    publish("a", "1");
    EXPECT_NE(hub.row("a")->head.epoch, first);
}

TEST_F(HubTest, RefusesATopicMoreWhenAllHaveSubscribers) {
    for (const char *topic : {"a", "b", "c"}) subscribe(0, 1, topic);
    effects.take();
    subscribe(0, 1, "d");
    publish("d", "x", 3);
    const auto lines = effects.take();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[0].find("limits.max_topics"), std::string::npos);
    EXPECT_EQ(lines[1], "published 3 temporarily unavailable");
}

TEST_F(HubTest, ListsTopicsByPatternInOrder) {
    for (const char *topic : {"b:1", "a:2", "a:1"}) publish(topic, "x");
    size_t total = 0;
    const auto rows = hub.topics("a:*", 1, total);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].topic, "a:1");
    EXPECT_EQ(total, 2U);
}

TEST_F(HubTest, StampsMessagesWithTheTimeOfTheirCommit_M17) {
    subscribe(0, 1, "a");
    clock.advance(5000);
    publish("a", "x");
    EXPECT_EQ(effects.last->wall_ms, clock.wall_ms());
}

}  // namespace
}  // namespace wse::hub
