// SPDX-License-Identifier: MIT
// What a subscriber of one topic gets back of what it missed.
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class RecoveryTest : public test::HubFixture {
protected:
    void SetUp() override {
        policies["h"] = history(2500);
        policies["small"] = history(3);
        policies["old"] = history(100, 1000);
        start();
    }

    // The offsets up to the head that a client sees which asks until there is no more.
    Offsets recover(const std::string &topic, const SubscribedTopic &answer) {
        Replayed part = answer.replays.at(0);
        Offsets seen = offsets(part.messages);
        while (part.more) {
            part = replay(1, topic, at(topic, seen.empty() ? part.from.offset : seen.back()));
            const Offsets more = offsets(part.messages);
            EXPECT_TRUE(part.recovered);
            EXPECT_FALSE(more.empty());
            seen.insert(seen.end(), more.begin(), more.end());
        }
        return seen;
    }
    static Offsets range(uint64_t first, uint64_t last) {
        Offsets all;
        for (uint64_t offset = first; offset <= last; ++offset) all.push_back(offset);
        return all;
    }
};

TEST_F(RecoveryTest, ReplaysExactlyWhatWasMissed) {
    publish_many("h:a", 5);
    const auto answer = subscribe(1, "h:a", at("h:a", 2));
    EXPECT_TRUE(answer.stamped);
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(answer.position->offset, 5U);
    EXPECT_EQ(answer.count, 3U);
    ASSERT_EQ(answer.replays.size(), 1U);
    EXPECT_EQ(offsets(answer.replays[0].messages), (Offsets{3, 4, 5}));
    EXPECT_FALSE(answer.replays[0].more);
}

TEST_F(RecoveryTest, GoesOnLiveWhereTheReplayEnds) {
    publish_many("h:a", 2);
    subscribe(1, "h:a", at("h:a", 1));
    effects.take();
    publish("h:a", "live");
    EXPECT_EQ(effects.take(), (Lines{"deliver 1 h:a@3 live", "published 0 @3"}));
}

TEST_F(RecoveryTest, ReplaysNothingToWhoHasEverything) {
    publish_many("h:a", 2);
    const auto answer = subscribe(1, "h:a", at("h:a", 2));
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(answer.count, 0U);
    EXPECT_TRUE(answer.replays.at(0).messages.empty());
}

TEST_F(RecoveryTest, ReplaysNothingThatWasNotAskedFor) {
    publish_many("h:a", 2);
    const auto answer = subscribe(1, "h:a");
    EXPECT_FALSE(answer.recovered);
    EXPECT_TRUE(answer.replays.empty());
}

TEST_F(RecoveryTest, ReplaysAllAfterPositionZero) {
    subscribe(2, "h:a");
    const auto nothing_yet = head("h:a");
    publish_many("h:a", 3);
    const auto answer = subscribe(1, "h:a", nothing_yet);
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(offsets(answer.replays.at(0).messages), (Offsets{1, 2, 3}));
}

TEST_F(RecoveryTest, ReplaysAThousandMessagesAtATime) {
    publish_many("h:a", 2500);
    const auto answer = subscribe(1, "h:a", at("h:a", 0));
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(answer.count, 2500U);
    EXPECT_EQ(answer.replays.at(0).messages.size(), 1000U);
    EXPECT_TRUE(answer.replays.at(0).more);
    EXPECT_EQ(recover("h:a", answer), range(1, 2500));
}

TEST_F(RecoveryTest, ReplaysAQuarterOfAMegabyteAtATime) {
    for (int i = 0; i < 5; ++i) publish("h:a", std::string(100'000, 'x'));
    const auto answer = subscribe(1, "h:a", at("h:a", 0));
    EXPECT_EQ(offsets(answer.replays.at(0).messages), (Offsets{1, 2}));
    EXPECT_TRUE(answer.replays.at(0).more);
    EXPECT_EQ(recover("h:a", answer), range(1, 5));
}

TEST_F(RecoveryTest, ReplaysAMessageThatIsOverTheBudgetByItself) {
    publish("h:a", std::string(1'000'000, 'x'));
    publish("h:a");
    EXPECT_EQ(offsets(subscribe(1, "h:a", at("h:a", 0)).replays.at(0).messages), (Offsets{1}));
    EXPECT_EQ(offsets(replay(1, "h:a", at("h:a", 1)).messages), (Offsets{2}));
}

TEST_F(RecoveryTest, SharesTheBudgetOfAnAnswerAmongItsTopics) {
    publish_many("h:a", 700);
    publish_many("h:b", 700);
    publish_many("h:c", 1);
    hub->subscribe({{1, 1, 0},
                    {{"h:a", false, at("h:a", 0)},
                     {"h:b", false, at("h:b", 0)},
                     {"h:c", false, at("h:c", 0)}}});
    const auto &answers = effects.answers;
    EXPECT_EQ(answers[0].replays.at(0).messages.size(), 700U);
    EXPECT_EQ(answers[1].replays.at(0).messages.size(), 300U);
    EXPECT_TRUE(answers[1].replays.at(0).more);
    EXPECT_TRUE(answers[2].recovered);
    EXPECT_TRUE(answers[2].replays.at(0).messages.empty());
    EXPECT_TRUE(answers[2].replays.at(0).more);
    EXPECT_EQ(recover("h:b", answers[1]), range(1, 700));
    EXPECT_EQ(recover("h:c", subscribe(1, "h:c", at("h:c", 0), {}, true)), range(1, 1));
}

TEST_F(RecoveryTest, MissesAndDoublesNothingThatIsPublishedDuringALongReplay) {
    publish_many("h:a", 1500);
    const auto answer = subscribe(1, "h:a", at("h:a", 0));
    publish_many("h:a", 700);  // while the first part is on its way; the session is behind
    const auto second = replay(1, "h:a", at("h:a", 1000));
    EXPECT_TRUE(second.more);
    EXPECT_EQ(second.head.offset, 2200U);
    EXPECT_EQ(offsets(second.messages), range(1001, 2000));
    publish("h:a");
    const auto last = replay(1, "h:a", at("h:a", 2000));
    EXPECT_FALSE(last.more);
    EXPECT_EQ(offsets(last.messages), range(2001, 2201));
    publish("h:a", "live");
    EXPECT_EQ(effects.last->position.offset, 2202U);
}

TEST_F(RecoveryTest, SaysSoWhenALongReplayIsOvertaken) {
    policies["ring"] = history(1500);
    publish_many("ring:a", 1500);
    subscribe(1, "ring:a", at("ring:a", 0));
    publish_many("ring:a", 1001);
    const auto part = replay(1, "ring:a", at("ring:a", 1000));
    EXPECT_FALSE(part.recovered);
    EXPECT_FALSE(part.more);
    EXPECT_TRUE(part.messages.empty());
    EXPECT_EQ(part.head.offset, 2501U);
}

TEST_F(RecoveryTest, SaysSoWhenTooManyHaveFollowed) {
    publish_many("small:a", 5);
    EXPECT_TRUE(subscribe(1, "small:a", at("small:a", 2)).recovered);
    const auto answer = subscribe(2, "small:a", at("small:a", 1));
    EXPECT_FALSE(answer.recovered);
    EXPECT_EQ(answer.position->offset, 5U);
    EXPECT_EQ(answer.count, 0U);
    EXPECT_TRUE(answer.replays.at(0).messages.empty());
}

TEST_F(RecoveryTest, SaysSoWhenTheMessagesAreTooOld) {
    publish("old:a");
    clock.advance(500);
    publish("old:a");
    clock.advance(499);
    EXPECT_TRUE(subscribe(1, "old:a", at("old:a", 0)).recovered);
    clock.advance(1);
    EXPECT_FALSE(subscribe(2, "old:a", at("old:a", 0)).recovered);
    EXPECT_TRUE(replay(2, "old:a", at("old:a", 1)).recovered);
    clock.advance(500);
    EXPECT_FALSE(replay(2, "old:a", at("old:a", 1)).recovered);
    EXPECT_TRUE(replay(2, "old:a", at("old:a", 2)).recovered);
}

TEST_F(RecoveryTest, GivesUpWhatIsTooOldByItself) {
    publish_many("old:a", 2);
    clock.advance(1000);
    hub->tick();
    EXPECT_EQ(hub->row("old:a")->history_messages, 0U);
    EXPECT_EQ(hub->state().history_bytes, 0U);
    publish("old:a");
    clock.advance(1000);
    hub->tick();
    EXPECT_EQ(hub->row("old:a")->history_messages, 0U);
}

TEST_F(RecoveryTest, GivesUpTheHistoryThatWasLongestNotUsed) {
    start({.history_bytes = 100'000});
    for (const char *topic : {"h:a", "h:b", "h:c"}) publish(topic, std::string(30'000, 'x'));
    subscribe(1, "h:a", at("h:a", 0));  // now b has been unused longest
    publish("h:d", std::string(30'000, 'x'));
    EXPECT_TRUE(replay(1, "h:a", at("h:a", 0)).recovered);
    EXPECT_FALSE(replay(1, "h:b", at("h:b", 0)).recovered);
    EXPECT_TRUE(replay(1, "h:c", at("h:c", 0)).recovered);
    EXPECT_EQ(hub->state().history_evicted, 1U);
    EXPECT_LE(hub->state().history_bytes, 100'000U);
}

TEST_F(RecoveryTest, GivesUpTheOldestMessagesFirstWithinATopic) {
    start({.history_bytes = 100'000});
    for (int i = 0; i < 10; ++i) publish("h:a", std::string(30'000, 'x'));
    EXPECT_TRUE(replay(1, "h:a", at("h:a", 7)).recovered);
    EXPECT_FALSE(replay(1, "h:a", at("h:a", 6)).recovered);
}

TEST_F(RecoveryTest, DoesNotRecoverFromAnotherEpoch) {
    publish_many("h:a", 3);
    const auto here = head("h:a");
    const auto answer = subscribe(1, "h:a", proto::Position{here.epoch + 1, 2});
    EXPECT_FALSE(answer.recovered);
    EXPECT_EQ(*answer.position, here);
}

TEST_F(RecoveryTest, DoesNotRecoverFromAPositionThatWasNeverGiven) {
    publish_many("h:a", 3);
    EXPECT_FALSE(subscribe(1, "h:a", at("h:a", 4)).recovered);
    EXPECT_FALSE(subscribe(2, "h:a", at("h:a", UINT64_MAX)).recovered);
}

TEST_F(RecoveryTest, DoesNotRecoverWhatLossySubscribersWereNotSent) {
    policies["lossy"] = history(10);
    policies["lossy"].slow = proto::Slow::kConflate;
    publish_many("lossy:a", 3);
    const auto answer = subscribe(1, "lossy:a", at("lossy:a", 3));
    EXPECT_FALSE(answer.recovered);
    EXPECT_FALSE(answer.stamped);
    EXPECT_TRUE(answer.lossy);
}

TEST_F(RecoveryTest, RecoversAsOftenAsItIsAsked) {
    publish_many("h:a", 3);
    for (int i = 0; i < 3; ++i) {
        const auto answer = subscribe(1, "h:a", at("h:a", 1), {}, i > 0);
        EXPECT_TRUE(answer.recovered);
        EXPECT_EQ(offsets(answer.replays.at(0).messages), (Offsets{2, 3}));
    }
    EXPECT_EQ(hub->row("h:a")->subscribers, (std::vector<uint32_t>{0, 1, 0}));
}

TEST_F(RecoveryTest, ReplaysNothingOfATopicThatIsNotThereAnyMore) {
    const auto part = replay(1, "h:a", {5, 7});
    EXPECT_FALSE(part.recovered);
    EXPECT_EQ(part.head.offset, 0U);
    EXPECT_NE(part.head.epoch, 5U);
}

}  // namespace
}  // namespace wse::hub
