// SPDX-License-Identifier: MIT
// sync_request and the state that modules have.
#include "support/snapshot_fixture.h"

namespace wse::session {
namespace {

class SnapshotSyncTest : public test::SnapshotFixture {
protected:
    void sync(const std::string &topics, const std::string &more = "") {
        say(R"({"t":"sync_request","p":{"topics":[)" + topics + "]" + more + "}}");
    }
    // What a client has that has subscribed and synced.
    void begin(const std::string &topic) {
        subscribe(topic);
        answer();
        sync('"' + topic + '"');
        lines();
    }
};

TEST_F(SnapshotSyncTest, IsAnsweredByTheSubscribeBeforeIt) {
    open();
    handler->on_text(request("subscribe", "open:kept", ""));
    handler->on_text(R"({"t":"sync_request","p":{"topics":["open:kept"]}})");
    pump();
    EXPECT_EQ(asks.size(), 1U);
    EXPECT_EQ(lines(), (Lines{"ack open:kept open:kept@0 lost"}));
    answer();
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[0]), "topic_snapshot");
    EXPECT_EQ(type(all[1]), "snapshot_complete");
    EXPECT_EQ(all[1].root()["p"]["count"].integer(), 1);
}

TEST_F(SnapshotSyncTest, AwaitsWhatIsUnderWayWhenItNamesNoTopic) {
    open();
    handler->on_text(request("subscribe", "open:kept", ""));
    handler->on_text(R"({"t":"sync_request","p":{"topics":[]}})");
    pump();
    lines();
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "snapshot_complete"}));
}

TEST_F(SnapshotSyncTest, IsAnsweredByWhatTheSubscribeHasBroughtAlready) {
    open();
    subscribe("open:kept");
    answer();
    lines();
    sync(R"("open:kept")");
    EXPECT_TRUE(asks.empty());
    const auto complete = reply();
    EXPECT_EQ(complete.root()["p"]["count"].integer(), 1);
}

TEST_F(SnapshotSyncTest, AsksAnewAfterThat) {
    open();
    publish_many("open:kept", 2);
    begin("open:kept");
    publish_many("open:kept", 1);
    lines();
    sync(R"("open:kept","open:kept")");
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].position, head("open:kept"));
    publish_many("open:kept", 2);
    EXPECT_EQ(lines(), Lines{});
    answer(4);
    EXPECT_EQ(lines(), (Lines{"ack open:kept@4 lost", "topic_snapshot", "snapshot_complete",
                              "open:kept@5"}));
}

TEST_F(SnapshotSyncTest, AsksAnewForTopicsWithoutStamps) {
    open();
    begin("open:live");
    publish_many("open:live", 1);
    sync(R"("open:live")");
    publish_many("open:live", 1);
    EXPECT_EQ(lines(), (Lines{"news 1"}));
    answer();
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "snapshot_complete", "news 2"}));
}

TEST_F(SnapshotSyncTest, AsksWithTheParamsOfTheSubscription) {
    open();
    subscribe("open:kept", R"(,"params":{"page":2})");
    answer();
    sync(R"("open:kept")");
    sync(R"("open:kept")");
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].params->text, R"({"page":2})");
}

TEST_F(SnapshotSyncTest, WaitsForAllAndCountsThoseThatCame) {
    open();
    subscribe(R"("open:kept1","open:kept2","open:live")");
    lines();
    sync("");
    fail();
    answer();
    EXPECT_EQ(lines(), (Lines{"error SNAPSHOT_UNAVAILABLE", "topic_snapshot"}));
    unsubscribe("open:live");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[0]), "snapshot_complete");
    EXPECT_EQ(all[0].root()["p"]["count"].integer(), 1);
}

TEST_F(SnapshotSyncTest, AsksNoModuleWhenToldNotTo) {
    open();
    begin("open:kept");
    sync(R"("open:kept")", R"(,"include_snapshots":false)");
    EXPECT_TRUE(asks.empty());
    EXPECT_EQ(lines(), (Lines{"snapshot_complete"}));
}

TEST_F(SnapshotSyncTest, AsksNothingForWhatIsNotSubscribed) {
    open();
    sync(R"("open:kept","open:*","open:bare")");
    EXPECT_TRUE(asks.empty());
    EXPECT_EQ(lines(), (Lines{"snapshot_complete"}));
}

TEST_F(SnapshotSyncTest, AsksNothingForWhatTheClientHasRecovered) {
    open();
    publish_many("open:kept", 2);
    subscribe("open:kept", recover("open:kept", {head("open:kept").epoch, 1}));
    lines();
    sync(R"("open:kept")");
    EXPECT_TRUE(asks.empty());
    EXPECT_EQ(lines(), (Lines{"snapshot_complete"}));
    sync(R"("open:kept")");
    EXPECT_EQ(asks.size(), 1U);
}

TEST_F(SnapshotSyncTest, RefusesTooManyAtOnceAlsoOfThoseThatWait) {
    open();
    subscribe("open:kept");
    lines();
    for (int i = 0; i < 16; ++i) sync(R"("open:kept")");
    EXPECT_EQ(lines(), Lines{});
    sync(R"("open:kept")");
    EXPECT_EQ(lines(), (Lines{"error RATE_LIMITED", "snapshot_complete"}));
    answer();
    EXPECT_EQ(lines().size(), 17U);
}

TEST_F(SnapshotSyncTest, GoesOnFromWhereASlowClientStandsWhenTheStateCannotBeHad) {
    open();
    begin("open:kept");
    stall();
    publish_many("open:kept", 30, 1000);
    sync(R"("open:kept")");
    fail();
    settle();
    lines();
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 30));
}

}  // namespace
}  // namespace wse::session
