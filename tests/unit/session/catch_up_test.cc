// SPDX-License-Identifier: MIT
// What a client missed: recovery when it subscribes, and replays while it reads slowly.
#include <algorithm>

#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kTopic = "open:kept";

class CatchUpTest : public test::ReaderFixture {
protected:
    void keep(const std::string &pattern, uint64_t messages, uint64_t bytes = 1 << 20) {
        policies.push_front({pattern,
                             {.history = {.messages = messages, .age_ms = 0, .bytes = bytes},
                              .slow = proto::Slow::kPause}});
    }
    void recover_from(uint64_t offset) {
        subscribe(kTopic, recover(kTopic, {head(kTopic).epoch, offset}));
    }
    // The client's stream has everything up to the head, in order.
    void expect_complete(const std::string &topic, uint64_t from) {
        EXPECT_EQ(stream(topic).accepted, numbers(from, head(topic).offset)) << topic;
        EXPECT_EQ(stream(topic).gaps, 0U) << topic;
        EXPECT_TRUE(stream(topic).holes.empty()) << topic;
    }
};

TEST_F(CatchUpTest, AcknowledgesThenReplaysThenGoesOnLive_M7) {
    open();
    publish_many(kTopic, 5);
    recover_from(2);
    publish_many(kTopic, 1);
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@5+3", "open:kept@3", "open:kept@4",
                              "open:kept@5", "open:kept@6"}));
    EXPECT_EQ(counters.read(Counter::replayed), 3U);
}

TEST_F(CatchUpTest, TellsThePositionOfANewSubscriptionFromWhichOffsetsCount_M7_M8) {
    open();
    subscribe(kTopic);
    publish_many(kTopic, 1);
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@0 lost", "open:kept@1"}));
    EXPECT_EQ(stream(kTopic).gaps, 0U);
}

TEST_F(CatchUpTest, AcknowledgesThatNothingWasMissed) {
    open();
    publish_many(kTopic, 5);
    recover_from(5);
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@5+0"}));
}

TEST_F(CatchUpTest, SaysTheSameEpochInTheAckAndInTheStamps_M18) {
    open();
    publish_many(kTopic, 1);
    recover_from(0);
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    const auto epoch = all[0].root()["p"]["recovery"][kTopic]["epoch"].string();
    EXPECT_EQ(epoch, proto::epoch_text(head(kTopic).epoch));
    EXPECT_EQ(all[1].root()["e"].string(), epoch);
}

TEST_F(CatchUpTest, SaysThatItCouldNotRecoverAndGoesOnFromTheHead_M7) {
    keep("open:short", 3);
    open();
    publish_many("open:short", 5);
    const uint32_t epoch = head("open:short").epoch;
    const struct {
        const char *why;
        proto::Position from;
    } cases[] = {{"evicted", {epoch, 1}},
                 {"another epoch", {epoch + 1, 5}},
                 {"from the future", {epoch, 6}}};
    for (const auto &[why, from] : cases) {
        subscribe("open:short", recover("open:short", from));
        EXPECT_EQ(lines(), (Lines{"ack open:short open:short@5 lost"})) << why;
    }
    subscribe("open:short", recover("open:short", {epoch, 2}));
    EXPECT_EQ(lines().size(), 4U) << "the oldest position that is covered";
}

TEST_F(CatchUpTest, DoesNotRecoverWithoutBeingAsked) {
    open();
    publish_many(kTopic, 3);
    subscribe(kTopic, R"(,"recovery":{"open:kept":{"epoch":")" +
                          proto::epoch_text(head(kTopic).epoch) + R"(","offset":1}})");
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@3 lost"}));
}

TEST_F(CatchUpTest, AnswersARepeatedRequestAgain) {
    open();
    publish_many(kTopic, 4);
    for (int i = 0; i < 3; ++i) {
        recover_from(2);
        EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@4+2", "open:kept@3", "open:kept@4"}));
    }
    EXPECT_EQ(subscribers(kTopic), 1U);
    publish_many(kTopic, 1);
    EXPECT_EQ(lines(), (Lines{"open:kept@5"}));
}

TEST_F(CatchUpTest, ReplaysMuchInPartsWhileNewMessagesCome) {
    limit_outbound(1 << 20);
    keep(kTopic, 10'000, 64 << 20);
    open();
    publish_many(kTopic, 3000);
    connection.stalled = true;
    recover_from(0);
    EXPECT_EQ(lines()[0], "ack open:kept open:kept@3000+3000");
    EXPECT_LE(stream(kTopic).accepted.size(), 2000U) << "not all at once";
    for (int i = 0; i < 50; ++i) {
        publish_many(kTopic, 3);
        drain();
        lines();
    }
    drain_all();
    publish_many(kTopic, 1);
    lines();
    expect_complete(kTopic, 1);
    EXPECT_EQ(stream(kTopic).repeats, 0U);
}

TEST_F(CatchUpTest, StopsAReplayThatIsUnsubscribedInTheMiddle) {
    keep(kTopic, 1000, 8 << 20);
    open();
    publish_many(kTopic, 500, 200);
    connection.stalled = true;
    auto &session = static_cast<Session &>(*handler);
    recover_from(0);
    EXPECT_EQ(session.row().behind, 1U);
    unsubscribe(kTopic);
    EXPECT_EQ(session.row().behind, 0U);
    drain_all();
    const auto all = lines();
    EXPECT_EQ(all.back(), "unsubscribed");
    EXPECT_LT(all.size(), 300U);
    publish_many(kTopic, 1);
    EXPECT_TRUE(lines().empty());
}

TEST_F(CatchUpTest, TellsNoOtherPlaceOfATopicThatIsBeingReplayed) {
    keep(kTopic, 1000, 8 << 20);
    open();
    publish_many(kTopic, 500, 200);
    connection.stalled = true;
    recover_from(0);
    context.on_notice(hub::Notice(kTopic, R"({"t":"place","p":{}})", true));
    context.on_notice(hub::Notice(kTopic, R"({"t":"other","p":{}})"));
    drain_all();
    const Lines all = lines();
    EXPECT_EQ(std::count(all.begin(), all.end(), "place"), 0);
    EXPECT_EQ(std::count(all.begin(), all.end(), "other"), 1);
}

TEST_F(CatchUpTest, DropsAPartOfAReplayWhoseTopicIsUnsubscribedWhenItComes) {
    keep(kTopic, 1000, 8 << 20);
    open();
    publish_many(kTopic, 500, 200);
    connection.stalled = true;
    recover_from(0);
    drain();
    while (connection.queued > 0 && arrivals.empty()) {
        connection.queued = 0;
        handler->on_drained();
    }
    ASSERT_EQ(arrivals.size(), 1U) << "the hub's answer is under way";
    handler->on_text(request("unsubscribe", kTopic, ""));
    pump();
    drain_all();
    EXPECT_EQ(lines().back(), "unsubscribed");
}

TEST_F(CatchUpTest, CatchesUpWithTwoTopicsAtOnce) {
    open();
    subscribe(R"("open:kept:a","open:kept:b")");
    stall();
    for (int i = 0; i < 90; ++i) {
        publish_many("open:kept:a", 1, 200);
        publish_many("open:kept:b", 1, 300);
    }
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 2U);
    drain_all();
    publish_many("open:kept:a", 1);
    publish_many("open:kept:b", 1);
    lines();
    expect_complete("open:kept:a", 1);
    expect_complete("open:kept:b", 1);
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 0U);
}

TEST_F(CatchUpTest, TellsAClientThatTheHistoryWentOnWithoutIt) {
    keep("open:short", 10);
    open();
    subscribe("open:short");
    stall();
    publish_many("open:short", 100, 500);
    drain_all();
    publish_many("open:short", 1);
    const auto all = lines();
    ASSERT_GE(all.size(), 2U);
    EXPECT_EQ(all[all.size() - 2], "ack open:short@100 lost");
    EXPECT_EQ(all.back(), "open:short@101");
    EXPECT_EQ(stream("open:short").holes.size(), 1U);
    EXPECT_EQ(stream("open:short").gaps, 0U);
    EXPECT_EQ(counters.read(Counter::recoveries_failed), 1U);
}

TEST_F(CatchUpTest, GoesOnWhereItWasWhenItIsSubscribedAgainWithoutRecovery) {
    open();
    subscribe(kTopic);
    stall();
    publish_many(kTopic, 90, 500);
    const size_t behind = static_cast<Session &>(*handler).row().behind;
    subscribe(kTopic);
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, behind);
    drain_all();
    publish_many(kTopic, 1);
    lines();
    EXPECT_EQ(stream(kTopic).accepted, numbers(1, 91));
    EXPECT_EQ(stream(kTopic).gaps, 0U);
    EXPECT_TRUE(stream(kTopic).holes.empty());
}

}  // namespace
}  // namespace wse::session
