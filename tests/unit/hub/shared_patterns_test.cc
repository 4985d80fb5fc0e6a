// SPDX-License-Identifier: MIT
// Patterns that take topics of all hosts, against a cluster that the test plays.
#include "support/shared_fixture.h"

namespace wse::hub {
namespace {

using SharedPatternsTest = test::SharedFixture;

TEST_F(SharedPatternsTest, FollowsAPatternOnceAndTheTopicsThatAClientHasSeen) {
    const Subscribe::Topic pattern{"s:*", false, proto::Position{1, 1}};
    hub->subscribe({{loop_of(1), 1, 0}, {pattern}, {{"s:1", {kEpoch, 3}}, {"here:1", {1, 1}}}});
    EXPECT_EQ(cluster.take(), (Lines{"follow s:*@0", "follow s:1@0"}));
    hub->followed({"s:*", {}});
    EXPECT_EQ(effects.take(), Lines{});
    hub->followed({"s:1", {kEpoch, 4}, messages("s:1", 1, 4)});
    EXPECT_EQ(effects.answers.at(0).replays.at(0).count, 1U);
    ask(2, "s:*");
    EXPECT_EQ(cluster.take(), Lines{});
    unsubscribe(1, "s:*");
    unsubscribe(2, "s:*");
    clock.advance(20'000);
    hub->tick();
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:1", "unfollow s:*"}));
}

TEST_F(SharedPatternsTest, AsksTheClusterToWhatAClientOfAPatternIsAhead) {
    follow(1, "s:1", 41);
    subscribe_seen(3, {{"s:1", {kEpoch, 43}}});
    hub->followed({"s:*", {}});
    wait(2000);
    const auto &answer = effects.answers.at(0);
    ASSERT_EQ(answer.replays.size(), 1U);
    EXPECT_TRUE(answer.replays[0].recovered);
    EXPECT_TRUE(answer.replays[0].more);
}

TEST_F(SharedPatternsTest, FollowsOnlySomeOfTheTopicsThatAClientSaysItHasSeen) {
    Known known;
    for (int i = 0; i < 1500; ++i) known.push_back({"s:" + std::to_string(i), {kEpoch, 1}});
    subscribe_seen(1, known);
    EXPECT_EQ(cluster.take().size(), 1001U);
    for (int command = 1; command < 15; ++command) {
        for (auto &[name, position] : known) name += "x";
        subscribe_seen(1, known);
    }
    EXPECT_EQ(hub->state().links, 10'001U);
}

TEST_F(SharedPatternsTest, LeavesTheTopicsThatAClientHasSeenWhoeverAsksAgain) {
    for (int i = 0; i < 2; ++i) {
        subscribe_seen(1, {{"s:1", {kEpoch, 1}}});
        hub->followed({"s:*", {}});
        hub->followed({"s:1", {kEpoch, 1}});
        wait(10'000);
    }
    cluster.take();
    wait(6'000);
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:1"}));
}

TEST_F(SharedPatternsTest, LeavesWhatItRefusesToSubscribe) {
    start({.patterns = 1, .subscribe_wait_ms = 2000});
    hub->set_cluster(&cluster);
    ask(1, "s:*");
    ask(2, "s:a*");
    hub->followed({"s:*", {}});
    hub->followed({"s:a*", {}});
    EXPECT_FALSE(effects.answers.at(0).position);
    cluster.take();
    wait(16'000);
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:a*"}));
}

TEST_F(SharedPatternsTest, TellsThoseOfAPatternThatAHoleIsOne) {
    ask(1, "s:*");
    hub->followed({"s:*", {}});
    follow(2, "s:1", 41);
    const auto before = subscribe(3, "s:*").position;
    remote("s:1", 44);
    EXPECT_FALSE(subscribe(4, "s:*", *before).recovered);
    EXPECT_TRUE(subscribe(5, "s:*", *subscribe(6, "s:*").position).recovered);
}

TEST_F(SharedPatternsTest, KnowsNothingOfAPatternFromBeforeItFollowsIt) {
    ask(1, "s:*");
    hub->followed({"s:*", {}});
    const proto::Position before = *effects.answers.at(0).position;
    EXPECT_TRUE(subscribe(2, "s:*", before).recovered);
    unsubscribe(1, "s:*");
    unsubscribe(2, "s:*");
    wait(16'000);
    effects.take();
    ask(3, "s:*", before);
    hub->followed({"s:*", {}});
    EXPECT_FALSE(effects.answers.at(0).recovered);
    const proto::Position after = *effects.answers[0].position;
    EXPECT_GT(after.offset, before.offset);
    EXPECT_TRUE(subscribe(4, "s:*", after).recovered);
}

TEST_F(SharedPatternsTest, TellsThoseOfAPatternWhenTheClusterMissedSomething) {
    hub->subscribe({{1, 1, 0}, {{"s:*"}}});
    hub->followed({"s:*", {}});
    const proto::Position before = *effects.answers.at(0).position;
    effects.take();
    hub->followed({"s:*", {}});
    const std::string last = std::to_string(before.offset + 1);
    const Lines told = effects.take();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].starts_with("notice 1 s:* ")) << told[0];
    EXPECT_NE(told[0].find("\"offset\":" + last), std::string::npos) << told[0];
    EXPECT_NE(told[0].find("\"recovered\":false"), std::string::npos) << told[0];
    EXPECT_FALSE(subscribe(2, "s:*", before).recovered);
}

TEST_F(SharedPatternsTest, TellsThoseOfAPatternWhoWereServedBeforeItIsFollowed) {
    ask(1, "s:*");
    wait(2000);
    const proto::Position before = *effects.answers.at(0).position;
    ask(1, "s:*", before);
    wait(2000);
    EXPECT_FALSE(effects.answers.at(0).recovered);
    effects.take();
    hub->followed({"s:*", {}});
    const Lines told = effects.take();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].starts_with("notice 1 s:* ")) << told[0];
}

TEST_F(SharedPatternsTest, AsksForTheWholeStateOfATopicItKnewInPassing) {
    policies["k"] = retain(Retain::kLastByKey, "k");
    policies["k"].clustered = true;
    ask(1, "k:*");
    hub->followed({"k:*", {}});
    remote("k:1", 9);
    cluster.take();
    ask(2, "k:1");
    EXPECT_EQ(cluster.take(), (Lines{"follow k:1@0"}));
    hub->followed({"k:1", {kEpoch, 9}, {keyed(7, "a"), keyed(8, "b"), keyed(9, "b")}});
    ASSERT_EQ(effects.answers.at(0).retained.size(), 1U);
    EXPECT_EQ(offsets(effects.answers[0].retained[0].messages), (Offsets{7, 9}));
    unsubscribe(2, "k:1");
    wait(16'000);
    cluster.take();
    ask(2, "k:1");
    EXPECT_EQ(cluster.take(), (Lines{"follow k:1@9"}));
}

TEST_F(SharedPatternsTest, TakesWhatTheClusterHasKeptForNothingNew) {
    ask(1, "s:*");
    hub->followed({"s:*", {}});
    const proto::Position pattern = *effects.answers.at(0).position;
    ask(2, "s:1");
    hub->followed({"s:1", {kEpoch, 20}, messages("s:1", 16, 20)});
    remote("s:2", 10);
    ask(2, "s:2");
    hub->followed({"s:2", {kEpoch, 10}, messages("s:2", 6, 10)});
    const auto answer = subscribe(3, "s:*", pattern);
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(answer.count, 1U);
    EXPECT_EQ(offsets(answer.replays.at(0).messages), (Offsets{10}));
}

}  // namespace
}  // namespace wse::hub
