// SPDX-License-Identifier: MIT
// The state of topics with stamps, and the stream behind it: nothing is lost, nothing comes twice.
#include "proto/codes.h"
#include "support/snapshot_fixture.h"

namespace wse::session {
namespace {

using SnapshotTest = test::SnapshotFixture;

TEST_F(SnapshotTest, GivesTheStateThenTheStream) {
    open();
    publish_many("open:kept", 3);
    subscribe("open:kept");
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@3 lost"}));
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].instance, "state");
    EXPECT_EQ(asks[0].user, "alice");
    EXPECT_EQ(asks[0].position, head("open:kept"));
    EXPECT_TRUE(asks[0].stamped);
    publish_many("open:kept", 2);
    EXPECT_EQ(lines(), Lines{});
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "open:kept@4", "open:kept@5"}));
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@6"}));
}

TEST_F(SnapshotTest, GoesOnFromWhereTheStateEndsBeforeOrBehindTheSubscription) {
    open();
    for (const uint64_t offset : {2U, 5U}) {
        publish_many("open:kept", 3);
        subscribe("open:kept");
        publish_many("open:kept", 3);
        lines();
        const uint64_t first = head("open:kept").offset - 6;
        answer(first + offset);
        Lines wanted = {"ack open:kept@" + std::to_string(first + offset) + " lost",
                        "topic_snapshot"};
        for (uint64_t n = first + offset + 1; n <= first + 6; ++n)
            wanted.push_back("open:kept@" + std::to_string(n));
        EXPECT_EQ(lines(), wanted);
        EXPECT_EQ(stream("open:kept").gaps, 0U);
        EXPECT_EQ(stream("open:kept").repeats, 0U);
        unsubscribe("open:kept");
        lines();
    }
}

TEST_F(SnapshotTest, TellsWhatIsLostWhenTheHistoryHasNotWhatFollowsTheState) {
    open();
    publish_many("open:kept", 110);
    subscribe("open:kept");
    lines();
    answer(3);
    EXPECT_EQ(lines(), (Lines{"ack open:kept@3 lost", "topic_snapshot", "ack open:kept@110 lost"}));
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@111"}));
}

TEST_F(SnapshotTest, GoesOnWithoutAStateThatCannotBeHad) {
    open();
    publish_many("open:kept", 1);
    subscribe("open:kept");
    publish_many("open:kept", 1);
    lines();
    fail();
    EXPECT_EQ(lines(), (Lines{"error SNAPSHOT_UNAVAILABLE", "open:kept@2"}));
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@3"}));
}

TEST_F(SnapshotTest, SaysOfAFailureWhichTopicItIsAndWhetherToTryAgain) {
    open();
    subscribe("open:kept");
    connection.take();
    fail(WSE_EAGAIN);
    const auto error = reply();
    const JsonView payload = error.root()["p"];
    EXPECT_EQ(payload["details"]["topic"].string(), "open:kept");
    EXPECT_EQ(payload["recoverable"].boolean(), true);
    EXPECT_TRUE(payload["retry_after"]);
}

TEST_F(SnapshotTest, AsksForNothingThatHasNoStateInAModule) {
    open();
    for (const char *topic : {"open:bare", "open:*"}) subscribe(topic);
    subscribe("open:live", R"(,"queue_group":"g")");
    EXPECT_TRUE(asks.empty());
}

TEST_F(SnapshotTest, AsksForNothingWhenTheClientHasRecovered) {
    open();
    publish_many("open:kept", 3);
    subscribe("open:kept", recover("open:kept", {head("open:kept").epoch, 1}));
    EXPECT_TRUE(asks.empty());
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@3+2", "open:kept@2", "open:kept@3"}));
}

TEST_F(SnapshotTest, AsksWhenTheClientCannotRecover) {
    open();
    publish_many("open:kept", 1);
    subscribe("open:kept", recover("open:kept", {head("open:kept").epoch + 1, 1}));
    ASSERT_EQ(asks.size(), 1U);
    answer();
    subscribe("open:kept", recover("open:kept", {head("open:kept").epoch + 1, 1}));
    EXPECT_EQ(asks.size(), 1U) << "also when it was subscribed already";
}

TEST_F(SnapshotTest, ChangesNothingWhenTheTopicIsAskedForAgain) {
    open();
    publish_many("open:kept", 1);
    subscribe("open:kept");
    subscribe("open:kept");
    EXPECT_EQ(asks.size(), 1U);
    lines();
    publish_many("open:kept", 1);
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "open:kept@2"}));
}

TEST_F(SnapshotTest, TakesTheLaterOfTwoQuestionsInOneBreath) {
    open();
    handler->on_text(request("subscribe", "open:kept", ""));
    core.publish({{1, 0, 0}, {"open:kept", "news", "id", "{}", proto::Priority::kNormal}});
    handler->on_text(request("subscribe", "open:kept", ""));
    pump();
    lines();
    ASSERT_EQ(asks.size(), 2U);
    answer();
    EXPECT_EQ(lines(), Lines{}) << "an answer to a question that was asked anew";
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot"}));
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@2"}));
}

TEST_F(SnapshotTest, DropsAnAnswerForASubscriptionThatIsGone) {
    open();
    subscribe("open:kept");
    unsubscribe("open:kept");
    lines();
    answer();
    EXPECT_EQ(lines(), Lines{});
    subscribe("open:kept");
    unsubscribe("open:kept");
    subscribe("open:kept");
    lines();
    answer();
    EXPECT_EQ(lines(), Lines{}) << "it is for another subscription";
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot"}));
}

TEST_F(SnapshotTest, DropsAnAnswerForAClientThatIsGone) {
    Session &session = open();
    subscribe("open:kept");
    session.close(4000, "bye");
    lines();
    answer();
    EXPECT_EQ(lines(), Lines{});
    EXPECT_EQ(connection.sent_late, 0U);
}

TEST_F(SnapshotTest, RecoversInsteadOfWaitingWhenAskedTo) {
    open();
    publish_many("open:kept", 2);
    subscribe("open:kept");
    lines();
    subscribe("open:kept", recover("open:kept", {head("open:kept").epoch, 1}));
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@2+1", "open:kept@2"}));
    answer();
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@3"}));
}

TEST_F(SnapshotTest, HoldsTheTopicBackFromAPatternToo) {
    open();
    publish_many("open:kept", 1);
    subscribe("open:*");
    subscribe("open:kept");
    lines();
    publish_many("open:kept", 2);
    publish_many("open:kept2", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept2@1"}));
    answer(2);
    EXPECT_EQ(lines(), (Lines{"ack open:kept@2 lost", "topic_snapshot", "open:kept@3"}));
}

TEST_F(SnapshotTest, LeavesTheTopicToAPatternThatTakesItStill) {
    open();
    publish_many("open:kept", 1);
    subscribe("open:*");
    subscribe("open:kept");
    publish_many("open:kept", 1);
    lines();
    unsubscribe("open:kept");
    settle();
    EXPECT_EQ(lines(), (Lines{"unsubscribed", "open:kept@2"}));
    answer();
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@3"}));
}

TEST_F(SnapshotTest, GoesOnFromWhereAPatternRecoversWhenTheStateCannotBeHad) {
    open();
    publish_many("open:kept", 3);
    const proto::Position seen{head("open:kept").epoch, 1};
    subscribe("open:kept");
    publish_many("open:kept", 1);
    subscribe("open:*", recover("open:kept", seen).insert(28, place("open:*", {1, 1}) + ","));
    lines();
    fail();
    EXPECT_EQ(lines(),
              (Lines{"error SNAPSHOT_UNAVAILABLE", "open:kept@2", "open:kept@3", "open:kept@4"}));
}

TEST_F(SnapshotTest, WaitsWithAStateUntilTheClientHasRoom) {
    limit_outbound(60'000);
    open();
    publish_many("open:kept", 1);
    subscribe("open:kept");
    lines();
    stall();
    answer({}, '"' + std::string(50'000, 'x') + '"');
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_EQ(lines(), Lines{});
    publish_many("open:kept", 1);
    settle();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "open:kept@2"}));
}

TEST_F(SnapshotTest, PassesParamsOnAndRefusesThemWhenTheyAreTooLarge) {
    open();
    subscribe("open:kept", R"(,"params":{"page": 2})");
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].params->text, R"({"page": 2})");
    const std::string large = R"({"x":")" + std::string(kMaxSnapshotParams, 'x') + "\"}";
    for (const std::string &params : {large, std::string("7"), std::string(R"({"x":"\ud800"})")}) {
        lines();
        subscribe("open:kept2", R"(,"params":)" + params);
        const auto refused = reply();
        EXPECT_EQ(refused.root()["p"]["failed_topics"].size(), 1U) << params;
        EXPECT_EQ(refused.root()["p"]["reasons"]["open:kept2"].string(),
                  "params: not an object of at most 4096 bytes");
    }
}

TEST_F(SnapshotTest, LosesNothingOfAPatternThatTakesAFilteredTopicWhole) {
    with_filters = true;
    open();
    subscribe("open:*");
    lines();
    subscribe("open:kept", R"(,"filter":{"n":1000})");
    publish_many("open:kept", 2);
    lines();
    answer(1);
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "open:kept@1", "open:kept@2"}));
    publish_many("open:kept", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@3"}));
    EXPECT_EQ(stream("open:kept").gaps, 0U);
}

TEST_F(SnapshotTest, KeepsNoMoreStatesThanMayWaitForAClient) {
    limit_outbound(60'000);
    open();
    subscribe("open:kept1");
    subscribe("open:kept2");
    lines();
    stall();
    for (int i = 0; i < 2; ++i) answer({}, '"' + std::string(40'000, 'x') + '"');
    EXPECT_EQ(connection.closed_code, 0);
    settle();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "error SNAPSHOT_UNAVAILABLE"}));
    publish_many("open:kept2", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept2@1"}));
}

TEST_F(SnapshotTest, AsksNoMoreThanASessionMaySubscribe) {
    settings->limits.max_subscriptions = 3;
    open();
    for (int i = 0; i < 3; ++i) {
        subscribe("open:kept");
        unsubscribe("open:kept");
    }
    EXPECT_EQ(asks.size(), 3U);
    lines();
    subscribe("open:kept");
    EXPECT_EQ(asks.size(), 3U);
    EXPECT_EQ(lines().back(), "error SNAPSHOT_UNAVAILABLE");
    fail();
    unsubscribe("open:kept");
    subscribe("open:kept");
    EXPECT_EQ(asks.size(), 3U);
}

TEST_F(SnapshotTest, GivesWhatWaitedOnceWhenTheClientRecoversInstead) {
    with_filters = true;
    open();
    publish_many("open:kept", 2);
    subscribe("open:kept", R"(,"filter":{})");
    publish_many("open:kept", 1);
    lines();
    const std::string epoch = proto::epoch_text(head("open:kept").epoch);
    subscribe("open:kept", R"(,"recover":true,"recovery":{"open:kept":{"epoch":")" + epoch +
                               R"(","offset":1}})");
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@3+2", "open:kept@2", "open:kept@3"}));
}

}  // namespace
}  // namespace wse::session
