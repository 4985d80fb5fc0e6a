// SPDX-License-Identifier: MIT
// Queue groups in the hub: who gets which message.
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class GroupsTest : public test::HubFixture {
protected:
    void SetUp() override { start(); }

    // What a message of the topic causes, without the answer to its publisher.
    Lines send(const std::string &topic, const std::string &payload) {
        effects.take();
        publish(topic, payload);
        Lines lines = effects.take();
        lines.pop_back();
        return lines;
    }
    Lines give_back(uint64_t session, const std::string &group) {
        const auto message = effects.last;
        hub->give_back({loop_of(session), session, true, group, message});
        return effects.take();
    }
    Lines ready(uint64_t session, const std::string &topic, const std::string &group) {
        effects.take();
        hub->group_ready({loop_of(session), session, {{topic, group}}});
        return effects.take();
    }
};

TEST_F(GroupsTest, SharesMessagesByTurns) {
    join_group(1, "a", "g");
    join_group(2, "a", "g");
    EXPECT_EQ(send("a", "x"), (Lines{"share 1/1 g a@1 x"}));
    EXPECT_EQ(send("a", "y"), (Lines{"share 2/2 g a@2 y"}));
    EXPECT_EQ(send("a", "z"), (Lines{"share 1/1 g a@3 z"}));
}

TEST_F(GroupsTest, GivesEachGroupAndEachPlainSubscriberAll) {
    join_group(1, "a", "g");
    join_group(2, "a", "h");
    subscribe(3, "a");
    subscribe(1, "a*");
    EXPECT_EQ(send("a", "x"), (Lines{"deliver 0 a@1 x", "deliver 1 a@1 x", "share 1/1 g a@1 x",
                                     "share 2/2 h a@1 x"}));
}

TEST_F(GroupsTest, AnswersAMemberWithoutHistory) {
    policies["h"] = history(10);
    policies["h"].retain = Retain::kLast;
    publish("h:a");
    const auto answer = join_group(1, "h:a", "g");
    EXPECT_EQ(answer.position->offset, 1U);
    EXPECT_EQ(answer.group, "g");
    EXPECT_FALSE(answer.stamped);
    EXPECT_TRUE(answer.retained.empty());
    EXPECT_EQ(hub->row("h:a")->group_members, 1U);
    EXPECT_EQ(hub->row("h:a")->subscribers, (std::vector<uint32_t>{0, 0, 0}));
}

TEST_F(GroupsTest, HandsToAnotherMemberWhatOneGivesBack) {
    join_group(1, "a", "g");
    join_group(2, "a", "g");
    send("a", "x");
    EXPECT_EQ(give_back(1, "g"), (Lines{"share 2/2 g a@1 x"}));
    EXPECT_EQ(send("a", "y"), (Lines{"share 2/2 g a@2 y"}));  // the first one is full
    ready(1, "a", "g");
    send("a", "z");
    EXPECT_EQ(send("a", "z"), (Lines{"share 1/1 g a@4 z"}));
}

TEST_F(GroupsTest, HoldsMessagesWhileAllAreFull) {
    join_group(1, "a", "g");
    send("a", "x");
    EXPECT_EQ(give_back(1, "g"), (Lines{}));
    EXPECT_EQ(send("a", "y"), (Lines{}));
    EXPECT_EQ(ready(1, "a", "g"), (Lines{"share 1/1 g a@1 x", "share 1/1 g a@2 y"}));
    EXPECT_EQ(ready(1, "a", "g"), (Lines{}));
    EXPECT_EQ(hub->state().group_dropped, 0U);
}

TEST_F(GroupsTest, GivesANewMemberWhatIsHeld) {
    join_group(1, "a", "g");
    send("a", "x");
    give_back(1, "g");
    effects.take();
    join_group(2, "a", "g");
    EXPECT_EQ(effects.take(), (Lines{"subscribed 2 a@1", "share 2/2 g a@1 x"}));
}

TEST_F(GroupsTest, CountsWhatAFullGroupHasToDrop) {
    join_group(1, "a", "g");
    send("a", "x");
    give_back(1, "g");
    for (size_t i = 0; i < QueueGroup::kMaxWaiting + 4; ++i) publish("a");
    EXPECT_EQ(hub->state().group_dropped, 5U);
    EXPECT_EQ(ready(1, "a", "g").front(), "share 1/1 g a@6 x");
}

TEST_F(GroupsTest, PassesOverAMemberWhoHasLeft) {
    join_group(1, "a", "g");
    join_group(2, "a", "g");
    send("a", "x");
    unsubscribe(1, "a", "g");
    EXPECT_EQ(give_back(1, "g"), (Lines{"share 2/2 g a@1 x"}));
    for (const char *payload : {"y", "z"})
        EXPECT_TRUE(send("a", payload).at(0).starts_with("share 2/2 g"));
}

TEST_F(GroupsTest, ForgetsAGroupWithItsLastMember) {
    join_group(1, "a", "g");
    send("a", "x");
    give_back(1, "g");
    unsubscribe(1, "a", "g");
    EXPECT_EQ(give_back(1, "g"), (Lines{}));
    EXPECT_EQ(send("a", "y"), (Lines{}));
    join_group(2, "a", "g");
    EXPECT_EQ(effects.lines.back(), "subscribed 2 a@2");
    EXPECT_EQ(hub->row("a")->group_members, 1U);
}

TEST_F(GroupsTest, KeepsATopicWithMembersAlive) {
    start({.topics = 2});
    join_group(1, "a", "g");
    for (const char *topic : {"x", "y", "z"}) publish(topic);
    EXPECT_TRUE(hub->row("a"));
    unsubscribe(1, "a", "g");
    for (const char *topic : {"x", "y"}) publish(topic);
    EXPECT_FALSE(hub->row("a"));
}

TEST_F(GroupsTest, CountsAMemberThatSubscribesAgainOnce) {
    join_group(1, "a", "g");
    hub->subscribe({{1, 1, 0}, {{"a", true, {}, "g"}}});
    unsubscribe(1, "a", "g");
    EXPECT_EQ(send("a", "x"), (Lines{}));
}

}  // namespace
}  // namespace wse::hub
