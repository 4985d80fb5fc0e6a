// SPDX-License-Identifier: MIT
// The state of topics, for who asks and for who subscribes.
#include "proto/codes.h"
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

class SyncTest : public test::ReaderFixture {
protected:
    SyncTest() {
        policies.push_front({"open:s*", {.retain = hub::Retain::kLastByKey, .key = "k"}});
    }
    void sync(const std::string &topics) {
        say(R"({"t":"sync_request","p":{"topics":[)" + topics + "]}}");
    }
    void put(const std::string &topic, int key, size_t bytes = 0) {
        publish(topic,
                R"({"k":)" + std::to_string(key) + R"(,"x":")" + std::string(bytes, 'x') + "\"}");
    }
};

TEST_F(SyncTest, AnswersWithTheStateThenSaysThatItIsComplete) {
    open();
    for (const int key : {1, 2, 1}) put("open:s", key);
    sync(R"("open:s","open:nothing")");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    const JsonView snapshot = all[0].root()["p"];
    EXPECT_EQ(type(all[0]), "topic_snapshot");
    EXPECT_EQ(snapshot["offset"].integer(), 3);
    EXPECT_EQ(snapshot["events"].size(), 2U);
    EXPECT_EQ(snapshot["events"].first()["o"].integer(), 2);
    EXPECT_EQ(snapshot["more"].boolean(), false);
    EXPECT_EQ(type(all[1]), "snapshot_complete");
    EXPECT_EQ(all[1].root()["p"]["count"].integer(), 1);
    EXPECT_EQ(all[1].root()["p"]["topics"].size(), 2U);
}

TEST_F(SyncTest, CountsPatternsForTheTopicsThatTheyMayBe) {
    settings->limits.max_subscriptions = 1000;
    open();
    std::string patterns = R"("open:s*")";
    for (int i = 1; i < 1000; ++i) patterns += R"(,"open:)" + std::to_string(i) + R"(*")";
    sync(patterns);
    EXPECT_EQ(type(reply()), "snapshot_complete");
    sync(R"("open:s*")");
    const auto refused = replies();
    ASSERT_EQ(refused.size(), 2U);
    EXPECT_EQ(code(refused[0]), proto::error::kRateLimited);
    EXPECT_EQ(refused[1].root()["p"]["success"].boolean(), false);
    advance(1000);
    sync(R"("open:s*")");
    EXPECT_EQ(type(reply()), "snapshot_complete");
}

TEST_F(SyncTest, AnswersForAllSubscriptionsWhenNoneIsNamed) {
    open();
    subscribe("open:s1");
    put("open:s1", 1);
    put("open:s2", 1);
    lines();
    sync("");
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "snapshot_complete"}));
}

TEST_F(SyncTest, AnswersBehindTheAckThatWasAskedForBefore) {
    open();
    handler->on_text(request("subscribe", "open:x", ""));
    handler->on_text(R"({"t":"sync_request","p":{"topics":[]}})");
    pump();
    EXPECT_EQ(lines(), (Lines{"ack open:x", "snapshot_complete"}));
}

TEST_F(SyncTest, ShowsOnlyWhatTheSessionMayHave) {
    auth.denied_topic = "open:s2";
    open();
    for (const char *topic : {"open:s1", "open:s2"}) put(topic, 1);
    for (const char *topics : {R"("open:s*")", R"("open:s1","open:s2")"}) {
        sync(topics);
        const auto all = replies();
        ASSERT_EQ(all.size(), 2U) << topics;
        EXPECT_EQ(all[0].root()["p"]["topic"].string(), "open:s1");
        EXPECT_EQ(all[1].root()["p"]["count"].integer(), 1);
    }
}

TEST_F(SyncTest, RefusesTooManyAtOnce) {
    open();
    for (int i = 0; i < 17; ++i)
        handler->on_text(R"({"t":"sync_request","id":"q","p":{"topics":["open:s"]}})");
    EXPECT_EQ(code(replies().front()), proto::error::kRateLimited);
    pump();
    EXPECT_EQ(lines().size(), 16U);
    sync(R"("open:s")");
    EXPECT_EQ(lines(), (Lines{"snapshot_complete"}));
}

TEST_F(SyncTest, ShowsMuchStateInPartsBelowTheLargestFrame_M15) {
    limit_outbound(8 << 20);
    open();
    for (int key = 0; key < 20; ++key) put("open:s", key, 100'000);
    put("open:s", 20, 900'000);
    subscribe("open:s");
    size_t events = 0;
    for (const auto &text : connection.sent) EXPECT_LT(text.size(), 1U << 20);
    const auto all = replies();
    ASSERT_GT(all.size(), 3U);
    for (size_t i = 1; i < all.size(); ++i) {
        const JsonView snapshot = all[i].root()["p"];
        EXPECT_EQ(snapshot["more"].boolean(), i + 1 < all.size());
        events += snapshot["events"].size();
    }
    EXPECT_EQ(events, 21U);
}

TEST_F(SyncTest, ShowsTheStateBetweenTheAckAndWhatIsLive_M7) {
    open();
    put("open:s", 1);
    handler->on_text(request("subscribe", "open:s", ""));
    publish("open:s", R"({"n":2})");
    EXPECT_EQ(lines(), (Lines{"ack open:s", "topic_snapshot", "news 2"}));
}

TEST_F(SyncTest, ClosesRatherThanCutAStateThatDoesNotFit) {
    open();
    for (int key = 0; key < 30; ++key) put("open:s", key, 900);
    stall();
    subscribe("open:s");
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
    EXPECT_EQ(connection.sent_late, 0U);
}

}  // namespace
}  // namespace wse::session
