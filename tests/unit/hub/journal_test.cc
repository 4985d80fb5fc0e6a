// SPDX-License-Identifier: MIT
// The hub with a journal: what is written when, and what a start takes up.
#include "hub/journal.h"

#include <algorithm>

#include "support/fake_cluster.h"
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

// Writes down what it is told, among the effects of the hub.
class FakeJournal final : public Journal {
public:
    explicit FakeJournal(std::vector<std::string> &lines) : lines_(lines) {}

    void set_holder(Holder *asked) override { holder = asked; }
    uint64_t append(const proto::Message &message, proto::Position head) override {
        const auto &position = message.position;
        return write("append " + message.publication.topic + "@" + std::to_string(position.offset) +
                     " of " + std::to_string(head.offset));
    }
    uint64_t note(std::string_view topic, proto::Position head, uint64_t sequence) override {
        return write("note " + std::string(topic) + "@" + std::to_string(head.offset) + " #" +
                     std::to_string(sequence));
    }
    bool writing() const override { return !failed_; }
    bool try_again() override { return room > 0; }
    void caught_up() override {
        lines_.emplace_back("caught up");
        failed_ = false;
    }

    Holder *holder = nullptr;
    uint64_t room = 1000;  // how much more it can write

private:
    uint64_t write(const std::string &line) {
        failed_ = failed_ || room == 0;
        lines_.push_back(line + (room > 0 ? "" : " failed"));
        return room > 0 ? room-- : 0;
    }

    std::vector<std::string> &lines_;
    bool failed_ = false;
};

class JournalTest : public test::HubFixture {
protected:
    static constexpr uint32_t kEpoch = 0xabcd;

    void SetUp() override {
        policies["h"] = history(100, 10'000);
        policies["last"] = retain(Retain::kLast);
        policies["key"] = history(2);
        policies["key"].retain = Retain::kLastByKey;
        policies["key"].key = "k";
        start({.dedup_ids = 3, .dedup_age_ms = 60'000});
    }
    void restore(std::vector<StoredTopic> topics, std::vector<StoredTopic> lost = {}) {
        hub->restore(journal, {.log_epoch = 5,
                               .sequence = 100,
                               .topics = std::move(topics),
                               .lost = std::move(lost)});
    }
    // Its sequence is ten times its offset; a second younger than the one before.
    proto::Record record(const std::string &topic, uint64_t offset, const std::string &id = {}) {
        return {{topic, "type", id, "{\"k\":" + std::to_string(offset) + "}",
                 proto::Priority::kNormal, !id.empty()},
                {kEpoch, offset},
                offset * 10,
                clock.wall_ms() - 10'000 + offset * 1000};
    }
    StoredTopic stored(const std::string &topic, uint64_t head, const Offsets &left) {
        StoredTopic one{topic, {kEpoch, head}, head * 10, 77, {}};
        for (const uint64_t offset : left) one.messages.push_back(record(topic, offset));
        return one;
    }

    FakeJournal journal{effects.lines};
};

TEST_F(JournalTest, WritesAMessageBeforeAnybodySeesIt) {
    restore({});
    subscribe(1, "h:a");
    effects.take();
    publish("h:a", "x", 3);
    EXPECT_EQ(effects.take(), (Lines{"append h:a@1 of 1", "deliver 1 h:a@1 x", "published 3 @1"}));
}

TEST_F(JournalTest, RemembersTheEpochThatItHasToldOfAnEmptyTopic) {
    restore({});
    subscribe(1, "h:empty");
    subscribe(2, "h:empty");
    subscribe(1, "other");
    EXPECT_EQ(effects.take(), (Lines{"note h:empty@0 #0", "subscribed 1 h:empty@0",
                                     "subscribed 2 h:empty@0", "subscribed 1 other@0"}));
}

// Nothing is written when a pattern is followed.
TEST_F(JournalTest, TakesNoPositionOfAPatternFromBeforeTheStart) {
    test::FakeCluster cluster;
    std::optional<proto::Position> before;
    for (int run = 0; run < 2; ++run) {
        start({.subscribe_wait_ms = 2000});
        restore({});
        hub->set_cluster(&cluster);
        effects.take();
        hub->subscribe({{0, 1, 0}, {{"h:*", false, before}}});
        hub->followed({"h:*", {}});
        EXPECT_FALSE(effects.answers.at(0).recovered);
        before = *effects.answers[0].position;
        EXPECT_EQ(before->epoch, 5U);
        clock.advance(1);
    }
}

TEST_F(JournalTest, WritesNothingThatIsNotKept) {
    restore({});
    publish("x:a");
    EXPECT_EQ(effects.take(), (Lines{"published 0 @1"}));
    EXPECT_EQ(journal.holder->find("x:a"), nullptr);
}

TEST_F(JournalTest, GoesOnWhereATopicStood) {
    restore({stored("h:a", 5, {4, 5})});
    EXPECT_EQ(head("h:a"), (proto::Position{kEpoch, 5}));
    EXPECT_EQ(effects.take(), (Lines{}));  // it is written already
    publish("h:a");
    EXPECT_EQ(head("h:a"), (proto::Position{kEpoch, 6}));
    EXPECT_EQ(effects.take(), (Lines{"append h:a@6 of 6", "published 0 @6"}));
    EXPECT_EQ(*subscribe(1, "h:*").position, (proto::Position{5, 101}));
}

TEST_F(JournalTest, GoesOnWhereATopicStoodWithoutMessages) {
    restore({stored("h:a", 5, {})});
    EXPECT_TRUE(subscribe(1, "h:a", proto::Position{kEpoch, 5}).recovered);
    EXPECT_FALSE(subscribe(2, "h:a", proto::Position{kEpoch, 4}).recovered);
    EXPECT_FALSE(subscribe(3, "h:*", proto::Position{5, 49}).recovered);
    EXPECT_TRUE(subscribe(3, "h:*", proto::Position{5, 50}).recovered);
}

TEST_F(JournalTest, RecoversFromWhatHasNoHole) {
    restore({stored("h:a", 9, {2, 3, 5, 8, 9})});
    EXPECT_EQ(hub->row("h:a")->history_messages, 2U);
    EXPECT_TRUE(subscribe(1, "h:a", proto::Position{kEpoch, 7}).recovered);
    EXPECT_FALSE(subscribe(2, "h:a", proto::Position{kEpoch, 6}).recovered);
    EXPECT_TRUE(subscribe(3, "h:*", proto::Position{5, 79}).recovered);
    EXPECT_FALSE(subscribe(3, "h:*", proto::Position{5, 78}).recovered);
}

TEST_F(JournalTest, TakesAHistoryThatIsNotComplete) {
    // The last message is gone: nothing leads to the head.
    restore({stored("h:a", 4, {1, 2, 3})});
    EXPECT_EQ(hub->row("h:a")->history_messages, 0U);
    EXPECT_FALSE(subscribe(1, "h:a", proto::Position{kEpoch, 3}).recovered);
}

TEST_F(JournalTest, RecoversTopicsThatBeganWhileTheClientWasAway) {
    restore({stored("h:a", 2, {1, 2})});
    const auto answer = subscribe(1, "h:*", proto::Position{5, 0});
    EXPECT_TRUE(answer.recovered);
    EXPECT_EQ(offsets(answer.replays.at(0).messages), (Offsets{1, 2}));
}

TEST_F(JournalTest, KeepsStatesFromBeforeAHole) {
    restore({stored("key:a", 9, {2, 5, 8, 9}), stored("last:a", 4, {4})});
    EXPECT_EQ(sync({"*"}), (Lines{"synced key:a: 2 5 8 9 last:a: 4"}));
    EXPECT_EQ(hub->state().history_bytes,
              hub->row("key:a")->history_bytes + hub->row("last:a")->history_bytes);
}

TEST_F(JournalTest, StaysWithinItsMemory) {
    start({.history_bytes = 2000});
    restore({stored("key:a", 100, {2, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15})});
    EXPECT_LE(hub->state().history_bytes, 2000U);
}

TEST_F(JournalTest, CountsTheAgeOfMessagesThroughAStart) {
    restore({stored("h:a", 3, {1, 2, 3})});  // 9, 8 and 7 seconds old
    clock.advance(1000);
    hub->tick();
    EXPECT_EQ(hub->row("h:a")->history_messages, 2U);
    clock.advance(2000);
    hub->tick();
    EXPECT_EQ(hub->row("h:a")->history_messages, 0U);
}

TEST_F(JournalTest, LeavesWhatIsTooOld) {
    auto topic = stored("h:a", 3, {1, 2, 3});
    clock.advance(2000);
    restore({std::move(topic)});
    EXPECT_EQ(hub->row("h:a")->history_messages, 1U);
    EXPECT_FALSE(subscribe(1, "h:a", proto::Position{kEpoch, 1}).recovered);
}

TEST_F(JournalTest, KnowsPublishesOfBefore) {
    auto topic = stored("h:a", 2, {1});
    topic.messages.push_back(record("h:a", 2, "again"));
    restore({std::move(topic)});
    publish_with_id("h:a", "again", 4);
    EXPECT_EQ(effects.take(), (Lines{"published 4 @2"}));
    clock.advance(52'000);
    publish_with_id("h:a", "again", 5);
    EXPECT_EQ(head("h:a").offset, 3U);
}

TEST_F(JournalTest, ForgetsTheOldestPublishesOfBeforeWhateverTheirTopic) {
    StoredTopic newer = stored("h:a", 5, {});
    for (const uint64_t offset : {4, 5})
        newer.messages.push_back(record("h:a", offset, std::to_string(offset)));
    StoredTopic older = stored("h:b", 3, {});
    for (const uint64_t offset : {1, 2, 3})
        older.messages.push_back(record("h:b", offset, std::to_string(offset)));
    restore({std::move(newer), std::move(older)});
    for (const char *id : {"4", "5"}) publish_with_id("h:a", id, 0);
    publish_with_id("h:b", "3", 0);
    EXPECT_EQ(head("h:a").offset, 5U);
    EXPECT_EQ(head("h:b").offset, 3U);
}

TEST_F(JournalTest, GivesLostTopicsANewEpochAndTheirState) {
    restore({}, {stored("key:a", 9, {2, 5, 9}), stored("h:a", 4, {3, 4})});
    EXPECT_NE(head("key:a").epoch, kEpoch);
    EXPECT_EQ(head("key:a").offset, 3U);
    const auto answer = subscribe(1, "key:a", proto::Position{kEpoch, 9});
    EXPECT_FALSE(answer.recovered);
    ASSERT_EQ(answer.retained.at(0).messages.size(), 3U);
    EXPECT_EQ(answer.retained[0].messages[2]->publication.payload, "{\"k\":9}");
    EXPECT_FALSE(subscribe(1, "h:a", proto::Position{kEpoch, 4}).recovered);
    EXPECT_EQ(hub->row("h:a")->history_messages, 0U);
}

TEST_F(JournalTest, WritesTheStateOfLostTopicsAnew) {
    restore({}, {stored("last:a", 9, {9})});
    EXPECT_EQ(effects.take(), (Lines{"note last:a@0 #0", "append last:a@1 of 1"}));
}

TEST_F(JournalTest, TellsWhatItHolds) {
    restore({stored("key:a", 9, {2, 8, 9})});
    const auto *state = journal.holder->find("key:a");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->head, (proto::Position{kEpoch, 9}));
    EXPECT_EQ(state->sequence, 90U);
    EXPECT_EQ(state->mark, 77U);
    for (const uint64_t offset : {2, 8, 9})
        EXPECT_TRUE(journal.holder->holds("key:a", {kEpoch, offset}));
    for (const uint64_t offset : {1, 3, 10})
        EXPECT_FALSE(journal.holder->holds("key:a", {kEpoch, offset}));
    EXPECT_FALSE(journal.holder->holds("key:a", {kEpoch + 1, 9}));
    EXPECT_FALSE(journal.holder->holds("h:a", {kEpoch, 9}));
    EXPECT_EQ(journal.holder->find("h:a"), nullptr);
}

TEST_F(JournalTest, RemembersTheMarkOfTheLastMessage) {
    restore({});
    publish("h:a");
    EXPECT_EQ(journal.holder->find("h:a")->mark, 1000U);
    EXPECT_EQ(journal.holder->find("h:a")->sequence, 101U);
}

TEST_F(JournalTest, DeliversWhatItCannotWrite) {
    restore({});
    subscribe(1, "h:a");
    journal.room = 0;
    effects.take();
    publish("h:a");
    EXPECT_EQ(effects.take(),
              (Lines{"append h:a@1 of 1 failed", "deliver 1 h:a@1 x", "published 0 @1"}));
    EXPECT_EQ(journal.holder->find("h:a")->mark, 0U);
    EXPECT_TRUE(hub->state().has_journal);
    EXPECT_FALSE(hub->state().journal_writing);
}

TEST_F(JournalTest, ForgetsNoTopicThatItCouldNotWriteOf) {
    start({.topics = 2});
    restore({});
    journal.room = 0;
    publish("h:a");
    publish("h:b");
    effects.take();
    publish("h:c", "x", 7);
    EXPECT_EQ(effects.take(), (Lines{"published 7 temporarily unavailable"}));
    EXPECT_TRUE(hub->row("h:a"));
}

TEST_F(JournalTest, WritesAgainWhatItCouldNot) {
    restore({});
    publish("h:written");
    journal.room = 0;
    for (const char *topic : {"h:a", "last:a", "h:a", "last:a"}) publish(topic);
    effects.take();
    clock.advance(2000);
    hub->tick();
    EXPECT_EQ(effects.take(), (Lines{}));  // there is no room yet
    journal.room = 1000;
    clock.advance(2000);
    hub->tick();
    Lines lines = effects.take();
    EXPECT_EQ(lines.back(), "caught up");
    lines.pop_back();
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines, (Lines{"append h:a@1 of 2", "append h:a@2 of 2", "append last:a@2 of 2",
                            "note h:a@2 #104", "note last:a@2 #105"}));
    EXPECT_GT(journal.holder->find("h:a")->mark, 0U);
    EXPECT_GT(journal.holder->find("last:a")->mark, 0U);
    clock.advance(2000);
    hub->tick();
    EXPECT_EQ(effects.take(), (Lines{}));
}

TEST_F(JournalTest, GoesOnWritingAgainWhenTheRoomWasNotEnough) {
    restore({});
    journal.room = 0;
    for (const char *topic : {"h:a", "h:b"}) publish(topic);
    journal.room = 3;
    clock.advance(2000);
    hub->tick();
    EXPECT_NE(effects.take().back(), "caught up");
    EXPECT_EQ(journal.holder->find("h:a")->mark == 0, journal.holder->find("h:b")->mark > 0);
    journal.room = 2;
    clock.advance(2000);
    hub->tick();
    EXPECT_EQ(effects.take().back(), "caught up");
    EXPECT_TRUE(hub->state().journal_writing);
}

}  // namespace
}  // namespace wse::hub
