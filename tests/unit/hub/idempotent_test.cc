// SPDX-License-Identifier: MIT
// Publishes that come again under their id.
#include "support/fake_cluster.h"
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class IdempotentTest : public test::HubFixture {
protected:
    void SetUp() override {
        start({.pending_submits = 4, .dedup_ids = 3, .dedup_age_ms = 1000});
        subscribe(1, "a");
        effects.take();
    }
    Lines send(const std::string &topic, const std::string &id, uint64_t request = 0) {
        publish_with_id(topic, id, request);
        return effects.take();
    }

    void join_cluster() {
        policies["a"].clustered = policies["b"].clustered = true;
        hub->set_cluster(&cluster);
    }

    test::FakeCluster cluster;
};

TEST_F(IdempotentTest, AnswersARepeatWithThePlaceOfTheFirst) {
    EXPECT_EQ(send("a", "1", 5), (Lines{"deliver 1 a@1 x", "published 5 @1"}));
    publish("a");
    effects.take();
    EXPECT_EQ(send("a", "1", 6), (Lines{"published 6 @1"}));
}

TEST_F(IdempotentTest, TakesTheSameIdOnAnotherTopicForAnother) {
    send("a", "1");
    EXPECT_EQ(send("b", "1", 7), (Lines{"published 7 @1"}));
    EXPECT_EQ(hub->row("b")->head.offset, 1U);
}

TEST_F(IdempotentTest, KnowsOnlyIdsThatPublishersGave) {
    publish("a");  // both under the id the server gave
    publish("a");
    EXPECT_EQ(head("a").offset, 2U);
    send("a", "id");
    EXPECT_EQ(head("a").offset, 3U);
}

TEST_F(IdempotentTest, KnowsIdsWithoutAHistory) {
    send("a", "1");
    EXPECT_EQ(hub->row("a")->history_messages, 0U);
    EXPECT_EQ(send("a", "1", 2), (Lines{"published 2 @1"}));
}

TEST_F(IdempotentTest, ForgetsTheOldestIdOfTooMany) {
    for (const char *id : {"1", "2", "3", "4"}) send("a", id);
    EXPECT_EQ(send("a", "2", 2), (Lines{"published 2 @2"}));
    EXPECT_EQ(send("a", "1", 1), (Lines{"deliver 1 a@5 x", "published 1 @5"}));
}

TEST_F(IdempotentTest, ForgetsAnIdThatIsTooOld) {
    send("a", "1");
    clock.advance(999);
    EXPECT_EQ(send("a", "1", 1), (Lines{"published 1 @1"}));
    clock.advance(1);
    EXPECT_EQ(send("a", "1", 2), (Lines{"deliver 1 a@2 x", "published 2 @2"}));
    clock.advance(999);
    EXPECT_EQ(send("a", "1", 3), (Lines{"published 3 @2"}));
}

TEST_F(IdempotentTest, RefusesARepeatTooWhileALoopIsBehind) {
    send("a", "1");
    effects.is_congested = true;
    EXPECT_EQ(send("a", "1", 2), (Lines{"published 2 temporarily unavailable"}));
}

TEST_F(IdempotentTest, SubmitsAPublishOnceThatComesAgainWhileItWaits) {
    join_cluster();
    for (const uint64_t request : {1, 2, 3}) EXPECT_EQ(send("a", "1", request), (Lines{}));
    ASSERT_EQ(cluster.tickets.size(), 1U);
    hub->commit(cluster.tickets[0], {7, 1});
    EXPECT_EQ(effects.take(), (Lines{"published 1 @1", "published 2 @1", "published 3 @1"}));
    EXPECT_EQ(send("a", "1", 4), (Lines{"published 4 @1"}));
    EXPECT_EQ(cluster.tickets.size(), 1U);
}

TEST_F(IdempotentTest, RefusesThemAllWhenTheClusterDoes) {
    join_cluster();
    send("a", "1", 1);
    send("a", "1", 2);
    hub->refuse(cluster.tickets.at(0), Error{WSE_EAGAIN, "away"});
    EXPECT_EQ(effects.take(), (Lines{"published 1 temporarily unavailable",
                                     "published 2 temporarily unavailable"}));
    send("a", "1", 3);
    EXPECT_EQ(cluster.tickets.size(), 2U);
}

TEST_F(IdempotentTest, SubmitsTheSameIdOfAnotherTopic) {
    join_cluster();
    send("a", "1");
    send("b", "1");
    EXPECT_EQ(cluster.tickets.size(), 2U);
}

TEST_F(IdempotentTest, CountsRepeatsThatWaitAmongThePending) {
    join_cluster();
    for (const uint64_t request : {1, 2, 3, 4}) send("a", "1", request);
    EXPECT_EQ(send("a", "1", 5), (Lines{"published 5 temporarily unavailable"}));
    EXPECT_EQ(send("a", "2", 6), (Lines{"published 6 temporarily unavailable"}));
    hub->commit(cluster.tickets.at(0), {7, 1});
    effects.take();
    EXPECT_EQ(send("a", "2", 7), (Lines{}));
}

}  // namespace
}  // namespace wse::hub
