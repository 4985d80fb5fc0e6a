// SPDX-License-Identifier: MIT
// Members of queue groups, who share the messages of a topic.
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kGroup = R"(,"queue_group":"g")";

class GroupsTest : public test::ReaderFixture {
protected:
    uint64_t members(const std::string &topic) const {
        const auto row = core.row(topic);
        return row ? row->group_members : 0;
    }
};

TEST_F(GroupsTest, GetsItsShareWithoutStamps) {
    open();
    subscribe("open:kept", kGroup);
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["queue_group"].string(), "g");
    EXPECT_FALSE(ack.root()["p"]["recovery"]) << "there is nothing to recover";
    publish_many("open:kept", 2);
    EXPECT_EQ(lines(), (Lines{"news 1", "news 2"}));
}

TEST_F(GroupsTest, TakesTurns) {
    open();
    test::FakeConnection other;
    const auto bob = join(other, "bob");
    subscribe("open:q", kGroup);
    bob->on_text(request("subscribe", "open:q", kGroup));
    pump();
    lines();
    other.sent.clear();
    publish_many("open:q", 4);
    EXPECT_EQ(lines(), (Lines{"news 1", "news 3"}));
    EXPECT_EQ(other.sent.size(), 2U);
}

TEST_F(GroupsTest, LeavesToOthersWhatItCannotTake) {
    open();
    test::FakeConnection other;
    const auto bob = join(other, "bob");
    subscribe("open:q", kGroup);
    bob->on_text(request("subscribe", "open:q", kGroup));
    pump();
    lines();
    other.sent.clear();
    stall();
    publish_many("open:q", 4);
    EXPECT_EQ(other.sent.size(), 4U);
    drain_all();
    publish_many("open:q", 2);
    EXPECT_EQ(lines().size(), 1U);
    EXPECT_EQ(other.sent.size(), 5U);
}

TEST_F(GroupsTest, GetsLaterWhatNobodyCouldTake) {
    open();
    subscribe("open:q", kGroup);
    lines();
    stall();
    publish_many("open:q", 3);
    EXPECT_TRUE(lines().empty());
    drain_all();
    EXPECT_EQ(lines(), (Lines{"news 1", "news 2", "news 3"}));
}

TEST_F(GroupsTest, GetsLaterWhatTheSocketHadNoRoomFor) {
    open();
    subscribe("open:q", kGroup);
    lines();
    connection.stalled = true;
    connection.queued = 12'000;
    publish_many("open:q", 1, 15'000);
    EXPECT_TRUE(lines().empty());
    drain_all();
    EXPECT_EQ(lines(), (Lines{"news 1"}));
}

TEST_F(GroupsTest, LeavesItsShareToOthersWhenItCloses) {
    open();
    test::FakeConnection other;
    const auto bob = join(other, "bob");
    subscribe("open:q", kGroup);
    bob->on_text(request("subscribe", "open:q", kGroup));
    pump();
    other.sent.clear();
    core.publish({{1, 0, 0}, {"open:q", "news", "id", "{}", proto::Priority::kNormal}});
    handler->on_closed({});
    pump();
    EXPECT_EQ(other.sent.size(), 1U);
    EXPECT_EQ(members("open:q"), 1U);
}

TEST_F(GroupsTest, AreOfTopicsOnly) {
    open();
    subscribe("open:*", kGroup);
    EXPECT_EQ(lines(), (Lines{"ack -open:*"}));
}

TEST_F(GroupsTest, HaveNamesLikeTopics) {
    open();
    subscribe("open:q", R"(,"queue_group":"a*")");
    EXPECT_EQ(lines(), (Lines{"ack -open:q"}));
}

TEST_F(GroupsTest, AreNotChangedWhileSubscribed) {
    open();
    subscribe("open:q", kGroup);
    lines();
    for (const char *other : {"", R"(,"queue_group":"h")"}) {
        subscribe("open:q", other);
        EXPECT_EQ(lines(), (Lines{"ack -open:q"})) << other;
    }
    subscribe("open:q", kGroup);
    EXPECT_EQ(lines(), (Lines{"ack open:q"}));
    EXPECT_EQ(members("open:q"), 1U);
}

TEST_F(GroupsTest, KeepAMemberThatAskedTwiceInOneBreath) {
    open();
    for (int i = 0; i < 2; ++i) handler->on_text(request("subscribe", "open:q", kGroup));
    pump();
    lines();
    publish_many("open:q", 1);
    EXPECT_EQ(lines(), (Lines{"news 1"}));
    unsubscribe("open:q");
    EXPECT_EQ(members("open:q"), 0U);
}

TEST_F(GroupsTest, KeepTheLastOfSeveralRequestsInOneBreath) {
    const std::string wishes[] = {"", kGroup, R"(,"queue_group":"h")"};
    open();
    for (const auto &first : wishes) {
        for (const auto &second : wishes) {
            handler->on_text(request("subscribe", "open:q", first));
            handler->on_text(request("unsubscribe", "open:q", ""));
            handler->on_text(request("subscribe", "open:q", second));
            pump();
            EXPECT_EQ(members("open:q"), second.empty() ? 0U : 1U) << first << second;
            EXPECT_EQ(subscribers("open:q"), second.empty() ? 1U : 0U) << first << second;
            lines();
            publish_many("open:q", 1);
            EXPECT_EQ(lines().size(), 1U) << first << second;
            unsubscribe("open:q");
            EXPECT_EQ(members("open:q") + subscribers("open:q"), 0U) << first << second;
        }
    }
}

}  // namespace
}  // namespace wse::session
