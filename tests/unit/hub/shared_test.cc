// SPDX-License-Identifier: MIT
// Topics that all hosts share, against a cluster that the test plays.
#include "support/shared_fixture.h"

namespace wse::hub {
namespace {

using SharedTest = test::SharedFixture;

TEST_F(SharedTest, SubmitsWhatIsPublishedAndDeliversWhatComesBack) {
    follow(1, "s:1", 41);
    publish("s:1", "x", 7);
    EXPECT_EQ(cluster.take(), (Lines{"submit s:1 x"}));
    EXPECT_EQ(effects.take(), Lines{});
    hub->commit(cluster.tickets.at(0), {kEpoch, 42});
    EXPECT_EQ(effects.take(), (Lines{"published 7 @42"}));
    remote("s:1", 42);
    EXPECT_EQ(effects.take(), (Lines{"deliver 1 s:1@42 42"}));
    EXPECT_EQ(effects.last->position.epoch, kEpoch);
}

TEST_F(SharedTest, GivesPlacesItselfToTopicsOfThisHostAlone) {
    publish("here:1", "x", 7);
    EXPECT_EQ(effects.take(), (Lines{"published 7 @1"}));
    EXPECT_EQ(cluster.take(), Lines{});
}

TEST_F(SharedTest, AnswersASubscriptionWhenItKnowsWhereTheClusterStands) {
    ask(1, "s:1");
    EXPECT_EQ(effects.take(), Lines{});
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0"}));
    hub->followed({"s:1", {kEpoch, 41}});
    EXPECT_EQ(effects.take(), (Lines{"subscribed 1 s:1@41"}));
    EXPECT_EQ(effects.answers.at(0).position->epoch, kEpoch);
    ask(2, "s:1");
    EXPECT_EQ(effects.take(), (Lines{"subscribed 2 s:1@41"}));
    EXPECT_EQ(cluster.take(), Lines{});
}

TEST_F(SharedTest, AnswersInTheOrderOfTheQuestionsOnceAllOfThemAreFollowed) {
    hub->subscribe({{0, 1, 0}, {{"s:1"}, {"here:1"}, {"s:2"}}});
    ask(2, "s:2");
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0", "follow s:2@0"}));
    hub->followed({"s:1", {kEpoch, 1}});
    EXPECT_EQ(effects.take(), Lines{});
    hub->followed({"s:2", {kEpoch, 2}});
    EXPECT_EQ(effects.take(), (Lines{"subscribed 1 s:1@1 here:1@0 s:2@2", "subscribed 2 s:2@2"}));
}

TEST_F(SharedTest, RecoversFromWhatTheClusterHasKept) {
    ask(1, "s:1", proto::Position{kEpoch, 8});
    hub->followed({"s:1", {kEpoch, 10}, messages("s:1", 6, 10)});
    ASSERT_EQ(effects.answers.size(), 1U);
    EXPECT_TRUE(effects.answers[0].recovered);
    EXPECT_EQ(offsets(effects.answers[0].replays.at(0).messages), (Offsets{9, 10}));
}

TEST_F(SharedTest, ServesWhatIsHereWhenTheClusterDoesNotAnswer) {
    ask(1, "s:1");
    clock.advance(1999);
    hub->tick();
    EXPECT_EQ(effects.take(), Lines{});
    clock.advance(1);
    hub->tick();
    EXPECT_EQ(effects.take(), (Lines{"subscribed 1 s:1@0"}));
    // … and tells where it goes on as soon as that is known.
    hub->followed({"s:1", {kEpoch, 41}});
    const Lines lines = effects.take();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("\"recovered\":false"), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find("\"offset\":41"), std::string::npos) << lines[0];
    remote("s:1", 42);
    EXPECT_EQ(effects.take(), (Lines{"deliver 1 s:1@42 42"}));
}

TEST_F(SharedTest, DeliversWhatWasMissedAsIfItWereLive) {
    follow(1, "s:1", 41);
    hub->followed({"s:1", {kEpoch, 43}, messages("s:1", 42, 43)});
    EXPECT_EQ(effects.take(), (Lines{"deliver 1 s:1@42 42", "deliver 1 s:1@43 43"}));
    EXPECT_EQ(replay(1, "s:1", {kEpoch, 41}).count, 2U);
}

TEST_F(SharedTest, PassesOverWhatComesTwice) {
    follow(1, "s:1", 41);
    remote("s:1", 42);
    effects.take();
    remote("s:1", 42);
    hub->followed({"s:1", {kEpoch, 42}, messages("s:1", 40, 42)});
    EXPECT_EQ(effects.take(), Lines{});
}

TEST_F(SharedTest, TellsOfAHoleBeforeWhatComesAfterIt) {
    follow(1, "s:1", 41);
    remote("s:1", 44);
    const Lines lines = effects.take();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[0].find("\"offset\":43,\"recovered\":false"), std::string::npos) << lines[0];
    EXPECT_EQ(lines[1], "deliver 1 s:1@44 44");
    EXPECT_FALSE(replay(1, "s:1", {kEpoch, 41}).recovered);
}

TEST_F(SharedTest, TellsOfAnotherEpochAndKeepsWhatItHas) {
    follow(1, "s:1", 41);
    remote("s:1", 42);
    effects.take();
    hub->followed({"s:1", {7, 2}, {message("s:1", 1, 7), message("s:1", 2, 7)}});
    const Lines lines = effects.take();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("\"epoch\":\"00000007\",\"offset\":2,\"recovered\":false"),
              std::string::npos)
        << lines[0];
    EXPECT_EQ(replay(1, "s:1", {7, 0}).count, 2U);
}

TEST_F(SharedTest, TakesAlsoTheOlderHistoryOfATopicItKnewInPassing) {
    ask(1, "s:*");
    hub->followed({"s:*", {}});
    remote("s:1", 9);
    remote("s:1", 10);
    effects.take();
    cluster.take();
    ask(2, "s:1", proto::Position{kEpoch, 7});
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0"}));
    hub->followed({"s:1", {kEpoch, 11}, messages("s:1", 7, 11)});
    EXPECT_EQ(effects.take(), (Lines{"deliver 1 s:1@11 11", "subscribed 2 s:1@11"}));
    EXPECT_TRUE(effects.answers.at(0).recovered);
    EXPECT_EQ(offsets(effects.answers[0].replays.at(0).messages), (Offsets{8, 9, 10, 11}));
}

TEST_F(SharedTest, AsksOnlyForWhatItDoesNotHave) {
    follow(1, "s:1", 0);
    for (uint64_t offset = 1; offset <= 9; ++offset) remote("s:1", offset);
    unsubscribe(1, "s:1");
    clock.advance(20'000);
    hub->tick();
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:1"}));
    ask(1, "s:1");
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@9"}));
}

TEST_F(SharedTest, FollowsOnForAWhileAfterTheLastSubscriber) {
    follow(1, "s:1", 41);
    unsubscribe(1, "s:1");
    clock.advance(14'000);
    hub->tick();
    ask(2, "s:1");
    clock.advance(20'000);
    hub->tick();
    EXPECT_EQ(cluster.take(), Lines{});
    EXPECT_EQ(effects.take(), (Lines{"subscribed 2 s:1@41"}));
}

TEST_F(SharedTest, WaitsForWhatAClientOfAnotherHostAlreadyHas) {
    follow(1, "s:1", 41);
    ask(2, "s:1", proto::Position{kEpoch, 43});
    hub->subscribe({{0, 3, 0}, {{"s:*", false, proto::Position{1, 1}}}, {{"s:1", {kEpoch, 42}}}});
    hub->followed({"s:*", {}});
    EXPECT_EQ(effects.take(), Lines{});
    remote("s:1", 42);
    const Lines served = effects.take();
    ASSERT_EQ(served.size(), 2U);
    EXPECT_EQ(served[0], "deliver 1 s:1@42 42");
    EXPECT_TRUE(served[1].starts_with("subscribed 3 s:*@")) << served[1];
    remote("s:1", 43);
    EXPECT_EQ(effects.take().back(), "subscribed 2 s:1@43");
    EXPECT_TRUE(effects.answers.at(0).recovered);
    EXPECT_EQ(effects.answers.at(0).count, 0U);
}

TEST_F(SharedTest, AsksTheClusterWhetherAClientIsAheadOfThisHost) {
    const proto::Position claimed{kEpoch, 43};
    follow(1, "s:1", 41);
    ask(2, "s:1", claimed);
    wait(2000);
    EXPECT_EQ(effects.take(), (Lines{"subscribed 2 s:1@43"}));
    EXPECT_TRUE(effects.answers.at(0).recovered);
    EXPECT_TRUE(effects.answers.at(0).replays.at(0).more);
    for (const uint64_t session : {2, 4}) hub->replay({{0, session, 0}, "s:1", claimed});
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:1", "follow s:1@0"}));
    EXPECT_EQ(effects.take(), Lines{});
    hub->followed({"s:1", {kEpoch, 44}, messages("s:1", 42, 44)});
    EXPECT_EQ(effects.take().back(), "replayed s:1 44");
}

TEST_F(SharedTest, TellsAClientThatIsNotAheadWhatIsLost) {
    const proto::Position claimed{kEpoch, 1000};
    follow(1, "s:1", 41);
    ask(2, "s:1", claimed);
    wait(2000);
    hub->replay({{0, 2, 0}, "s:1", claimed});
    effects.take();
    hub->followed({"s:1", {kEpoch, 42}, messages("s:1", 42, 42)});
    EXPECT_EQ(effects.take().back(), "replayed s:1 lost");
}

TEST_F(SharedTest, IgnoresAnAnswerForATopicThatNobodyWantsAnyMore) {
    hub->followed({"s:1", {kEpoch, 41}, messages("s:1", 37, 41)});
    EXPECT_FALSE(hub->row("s:1"));
}

TEST_F(SharedTest, FollowsATopicForAsLongAsACommandWaits) {
    start({.subscribe_wait_ms = 60'000});
    hub->set_cluster(&cluster);
    hub->subscribe({{0, 1, 0}, {{"s:1"}, {"s:2"}}});
    hub->followed({"s:1", {kEpoch, 1}});
    cluster.take();
    wait(20'000);
    EXPECT_EQ(cluster.take(), Lines{});
}

TEST_F(SharedTest, FollowsAgainWhatWasLeftWhileACommandWaited) {
    start({.subscribe_wait_ms = 60'000});
    hub->set_cluster(&cluster);
    follow(1, "s:1", 1);
    hub->subscribe({{0, 3, 0}, {{"s:1"}, {"s:2"}}});
    unsubscribe(1, "s:1");
    wait(20'000);
    EXPECT_EQ(cluster.take(), (Lines{"follow s:2@0", "unfollow s:1"}));
    hub->followed({"s:2", {kEpoch, 1}});
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0"}));
    EXPECT_EQ(effects.take(), (Lines{"subscribed 3 s:1@1 s:2@1"}));
}

TEST_F(SharedTest, FollowsATopicAnewThatWasForgottenToMakeRoom) {
    start({.topics = 1, .subscribe_wait_ms = 2000});
    hub->set_cluster(&cluster);
    follow(1, "s:1", 41);
    unsubscribe(1, "s:1");
    publish("here:1");
    ask(2, "s:1", proto::Position{kEpoch, 40});
    EXPECT_EQ(cluster.take(), (Lines{"unfollow s:1", "follow s:1@0"}));
    effects.take();
    hub->followed({"s:1", {kEpoch, 41}, messages("s:1", 37, 41)});
    EXPECT_EQ(effects.take(), (Lines{"subscribed 2 s:1@41"}));
    EXPECT_TRUE(effects.answers.at(0).recovered);
}

TEST_F(SharedTest, TakesATopicForFollowedOnlyWhenTheClusterHasAnswered) {
    policies["s"].presence = true;
    start({.subscribe_wait_ms = 2000, .presence = {.grace_ms = 60'000}});
    hub->set_cluster(&cluster);
    Subscribe command{{loop_of(1), 1, 0}, {{"s:1"}}};
    command.user = "ann";
    command.presence = "{}";
    hub->subscribe(command);
    wait(2'000);
    unsubscribe(1, "s:1");
    wait(16'000);
    effects.take();
    ask(2, "s:1");
    EXPECT_EQ(effects.take(), Lines{});
}

TEST_F(SharedTest, LeavesItToTheClusterToKnowTheIdsOfOtherHosts) {
    follow(1, "s:1", 0);
    Remote given = message("s:1", 1);
    given.publication.id_given = true;
    hub->remote(given);
    effects.take();
    publish_with_id("s:1", "id", 7);
    EXPECT_EQ(cluster.take(), (Lines{"submit s:1 x"}));
}

TEST_F(SharedTest, TakesNothingForATopicOfThisHostAlone) {
    subscribe(1, "here:1");
    effects.take();
    remote("here:1", 7);
    EXPECT_EQ(effects.take(), Lines{});
}

TEST_F(SharedTest, ReplaysToThoseItServedBeforeTheClusterAnswered) {
    const proto::Position from{kEpoch, 3};
    ask(1, "s:1", from);
    wait(2000);
    const auto answer = effects.answers.at(0);
    EXPECT_EQ(*answer.position, from);
    EXPECT_TRUE(answer.recovered);
    EXPECT_TRUE(answer.replays.at(0).more);
    EXPECT_EQ(answer.replays.at(0).from, from);
    effects.take();
    hub->replay({{loop_of(1), 1, 0}, "s:1", from});
    EXPECT_EQ(effects.take(), Lines{});
    hub->followed({"s:1", {kEpoch, 4}, messages("s:1", 1, 4)});
    EXPECT_EQ(effects.take().back(), "replayed s:1 4");
    EXPECT_EQ(replay(1, "s:1", from).count, 1U);
}

TEST_F(SharedTest, TellsThoseItServedBeforeTheClusterAnsweredWhatIsLost) {
    ask(1, "s:1", proto::Position{7, 3});
    wait(2000);
    hub->replay({{loop_of(1), 1, 0}, "s:1", {7, 3}});
    effects.take();
    hub->followed({"s:1", {kEpoch, 4}});
    EXPECT_EQ(effects.take().back(), "replayed s:1 lost");
}

TEST_F(SharedTest, AnswersAReplayOfATopicThatNobodyWantsAnyMore) {
    ask(1, "s:1", proto::Position{kEpoch, 3});
    wait(2000);
    hub->replay({{loop_of(1), 1, 0}, "s:1", {kEpoch, 3}});
    unsubscribe(1, "s:1");
    effects.take();
    wait(16'000);
    EXPECT_EQ(effects.take(), (Lines{"replayed s:1 lost"}));
}

TEST_F(SharedTest, TellsThePublisherWhenTheClusterRefuses) {
    EXPECT_EQ(published(), Lines{});
    hub->refuse(cluster.tickets.at(0), Error{WSE_EAGAIN, "away"});
    EXPECT_EQ(effects.take(), (Lines{"published 7 temporarily unavailable"}));
}

}  // namespace
}  // namespace wse::hub
