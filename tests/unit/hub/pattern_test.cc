// SPDX-License-Identifier: MIT
// Subscribers of patterns: what reaches them live, and what they get back.
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class PatternTest : public test::HubFixture {
protected:
    void SetUp() override {
        policies["h"] = history(100);
        policies["small"] = history(2);
        policies["old"] = history(100, 1000);
        start();
    }

    // The loops that a message of the topic goes to.
    Lines loops_of(const std::string &topic) {
        effects.take();
        publish(topic);
        Lines loops;
        for (const auto &line : effects.take()) {
            if (line.starts_with("deliver ")) loops.push_back(line.substr(8, 1));
        }
        return loops;
    }
    proto::Position now() { return *subscribe(9, "h:*").position; }
    static Lines topics_of(const SubscribedTopic &answer) {
        Lines topics;
        for (const auto &part : answer.replays) topics.push_back(part.topic);
        return topics;
    }
};

TEST_F(PatternTest, DeliversWhatItMatchesOncePerLoop) {
    subscribe(1, "h:*");
    subscribe(1, "*:a");
    subscribe(4, "h:a");  // on the same loop
    subscribe(2, "?:b");
    EXPECT_EQ(loops_of("h:a"), (Lines{"1"}));
    EXPECT_EQ(loops_of("h:b"), (Lines{"1", "2"}));
    EXPECT_EQ(loops_of("x:c"), (Lines{}));
}

TEST_F(PatternTest, StopsWithTheLastSubscriberOfALoop) {
    subscribe(1, "h:*");
    subscribe(4, "h:*");
    unsubscribe(1, "h:*");
    EXPECT_EQ(loops_of("h:a"), (Lines{"1"}));
    unsubscribe(4, "h:*");
    EXPECT_EQ(loops_of("h:a"), (Lines{}));
    EXPECT_EQ(hub->state().patterns, 0U);
}

TEST_F(PatternTest, CountsASessionThatSubscribesAgainOnce) {
    subscribe(1, "h:*");
    subscribe(1, "h:*", {}, {}, true);
    unsubscribe(1, "h:*");
    EXPECT_EQ(loops_of("h:a"), (Lines{}));
}

TEST_F(PatternTest, ReachesTopicsThatWereThereBeforeAsPatternsComeAndGo) {
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(loops_of("h:a"), (Lines{}));
        subscribe(2, "h:*");
        EXPECT_EQ(loops_of("h:a"), (Lines{"2"}));
        subscribe(0, "*a");
        EXPECT_EQ(loops_of("h:a"), (Lines{"0", "2"}));
        subscribe(3, "h:*");  // a pattern that is there, on another loop
        unsubscribe(0, "*a");
        EXPECT_EQ(loops_of("h:a"), (Lines{"0", "2"}));
        unsubscribe(2, "h:*");
        EXPECT_EQ(loops_of("h:a"), (Lines{"0"}));
        unsubscribe(3, "h:*");
    }
}

TEST_F(PatternTest, RefusesAPatternTooMany) {
    start({.patterns = 1});
    subscribe(1, "a*");
    EXPECT_FALSE(subscribe(1, "b*").position);
    EXPECT_TRUE(subscribe(2, "a*").position);
    unsubscribe(1, "a*");
    unsubscribe(2, "a*");
    EXPECT_TRUE(subscribe(1, "b*").position);
}

TEST_F(PatternTest, AnswersWithTheServersPosition) {
    const auto before = subscribe(1, "h:*");
    EXPECT_TRUE(before.stamped);
    EXPECT_FALSE(before.recovered);
    publish("h:a");
    publish("x");  // not kept, so a restart would not know of it
    const auto after = subscribe(1, "h:*");
    EXPECT_EQ(after.position->epoch, before.position->epoch);
    EXPECT_EQ(after.position->offset, before.position->offset + 1);
}

TEST_F(PatternTest, ReplaysTopicsItHadNotSeenFromTheServersPosition) {
    publish("h:a", "before");
    const auto from = now();
    publish_many("h:a", 2);
    publish("h:new");
    publish("x:other");
    const auto answer = subscribe(1, "h:*", from);
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(answer.count, 3U);
    ASSERT_EQ(topics_of(answer), (Lines{"h:a", "h:new"}));
    EXPECT_EQ(offsets(answer.replays[0].messages), (Offsets{2, 3}));
    EXPECT_EQ(answer.replays[0].from, at("h:a", 1));
    EXPECT_FALSE(answer.replays[0].asked);
    EXPECT_EQ(offsets(answer.replays[1].messages), (Offsets{1}));
}

TEST_F(PatternTest, ReplaysTopicsItHadSeenFromWhereItWas) {
    const auto from = now();
    publish_many("h:a", 4);
    publish_many("h:b", 2);
    const auto answer =
        subscribe(1, "h:*", from, {{"h:a", at("h:a", 3)}, {"h:b", at("h:b", 2)}, {"x", {1, 1}}});
    EXPECT_TRUE(answer.recovered);
    ASSERT_EQ(topics_of(answer), (Lines{"h:a"}));
    EXPECT_TRUE(answer.replays[0].asked);
    EXPECT_EQ(offsets(answer.replays[0].messages), (Offsets{4}));
}

TEST_F(PatternTest, ReplaysNothingToWhoHasEverything) {
    publish("h:a");
    const auto answer = subscribe(1, "h:*", now());
    EXPECT_TRUE(answer.recovered);
    EXPECT_TRUE(answer.replays.empty());
}

TEST_F(PatternTest, LeavesForLaterWhatDoesNotFit) {
    const auto from = now();
    publish("h:a", std::string(200'000, 'x'));
    publish("h:a", std::string(200'000, 'x'));
    publish("h:b");
    const auto answer = subscribe(1, "h:*", from);
    EXPECT_TRUE(answer.recovered);
    ASSERT_EQ(answer.replays.size(), 2U);
    EXPECT_EQ(offsets(answer.replays[0].messages), (Offsets{1}));
    EXPECT_TRUE(answer.replays[0].more);
    EXPECT_EQ(offsets(replay(1, "h:a", at("h:a", 1)).messages), (Offsets{2}));
}

TEST_F(PatternTest, SaysSoWhenMessagesOfATopicAreGone) {
    const auto from = now();
    publish_many("small:a", 3);
    publish("h:a");
    const auto answer = subscribe(1, "*", from);
    EXPECT_FALSE(answer.recovered);
    ASSERT_EQ(topics_of(answer), (Lines{"h:a", "small:a"}));
    EXPECT_TRUE(answer.replays[0].recovered);
    EXPECT_FALSE(answer.replays[1].recovered);
    EXPECT_EQ(offsets(answer.replays[1].messages), (Offsets{2, 3}));
    EXPECT_FALSE(subscribe(2, "small:*", from, {{"small:a", at("small:a", 0)}}).recovered);
}

TEST_F(PatternTest, SaysSoWhenMessagesAreTooOld) {
    const auto from = now();
    publish("old:a");
    clock.advance(1000);
    const auto answer = subscribe(1, "old:*", from);
    EXPECT_FALSE(answer.recovered);
    EXPECT_EQ(answer.count, 0U);
}

TEST_F(PatternTest, SaysSoWhenATopicIsForgotten) {
    start({.topics = 2});
    const auto from = now();
    publish("h:a");
    const auto later = *subscribe(3, "h:*").position;
    for (const char *topic : {"h:x", "h:y"}) publish(topic);
    EXPECT_FALSE(subscribe(1, "h:*", from).recovered);
    EXPECT_TRUE(subscribe(2, "h:*", later).recovered);
}

TEST_F(PatternTest, SaysSoWhenATopicIsForgottenInWhichTheClientWasBehind) {
    start({.topics = 2});
    publish_many("h:a", 3);
    const auto behind = at("h:a", 1);
    const auto from = now();
    for (const char *topic : {"h:x", "h:y"}) publish(topic);
    EXPECT_FALSE(subscribe(1, "h:*", from, {{"h:a", behind}}).recovered);
}

TEST_F(PatternTest, SaysSoWhenATopicCameBackWithAnotherEpoch) {
    start({.topics = 2});
    publish("h:a");
    const auto seen = head("h:a");
    for (const char *topic : {"h:x", "h:y", "h:a"}) publish(topic);
    const auto answer = subscribe(1, "h:*", now(), {{"h:a", seen}});
    EXPECT_FALSE(answer.recovered);
    EXPECT_FALSE(answer.replays.at(0).recovered);
    EXPECT_EQ(answer.replays[0].head, head("h:a"));
}

TEST_F(PatternTest, RecoversOnlyKnownTopicsFromAnotherLog) {
    publish_many("h:a", 2);
    publish("h:b");
    auto from = now();
    ++from.epoch;
    const auto answer = subscribe(1, "h:*", from, {{"h:a", at("h:a", 1)}});
    EXPECT_FALSE(answer.recovered);
    ASSERT_EQ(topics_of(answer), (Lines{"h:a"}));
    EXPECT_TRUE(answer.replays[0].recovered);
    EXPECT_EQ(offsets(answer.replays[0].messages), (Offsets{2}));
}

TEST_F(PatternTest, DoesNotRecoverFromASequenceThatWasNeverGiven) {
    publish("h:a");
    auto from = now();
    ++from.offset;
    EXPECT_FALSE(subscribe(1, "h:*", from).recovered);
}

TEST_F(PatternTest, LeavesTopicsWithoutAHistoryOut) {
    const auto from = now();
    publish("x:a");
    const auto answer = subscribe(1, "*", from);
    EXPECT_TRUE(answer.recovered);
    EXPECT_TRUE(answer.replays.empty());
}

}  // namespace
}  // namespace wse::hub
