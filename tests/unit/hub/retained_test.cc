// SPDX-License-Identifier: MIT
// Messages that stand for the present state of a topic, and the memory of all that is kept.
#include <malloc.h>

#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class RetainedTest : public test::HubFixture {
protected:
    void SetUp() override {
        policies["last"] = retain(Retain::kLast);
        policies["key"] = retain(Retain::kLastByKey, "k");
        policies["both"] = history(3, 1000);
        policies["both"].retain = Retain::kLastByKey;
        policies["both"].key = "k";
        start();
    }

    void publish_key(const std::string &topic, const std::string &key) {
        publish(topic, "{\"k\":" + key + "}");
    }
    Offsets retained(uint64_t session, const std::string &topic,
                     std::optional<proto::Position> from = {}) {
        const auto answer = subscribe(session, topic, from);
        return answer.retained.empty() ? Offsets{} : offsets(answer.retained.at(0).messages);
    }
    // No topic has more or less than its share of the total.
    void expect_consistent() {
        size_t total = 0;
        size_t bytes = 0;
        for (const auto &row : hub->topics("*", 1000, total)) bytes += row.history_bytes;
        EXPECT_EQ(hub->state().history_bytes, bytes);
    }
};

TEST_F(RetainedTest, AnswersWithTheLastMessage) {
    publish_many("last:a", 3);
    const auto answer = subscribe(1, "last:a");
    ASSERT_EQ(answer.retained.size(), 1U);
    EXPECT_EQ(answer.retained[0].topic, "last:a");
    EXPECT_EQ(answer.retained[0].head, head("last:a"));
    EXPECT_EQ(offsets(answer.retained[0].messages), (Offsets{3}));
}

TEST_F(RetainedTest, AnswersWithTheLastMessageWhateverItsKey) {
    policies["last"].key = "k";  // for conflation
    publish_key("last:a", "1");
    publish_key("last:a", "2");
    EXPECT_EQ(retained(1, "last:a"), (Offsets{2}));
}

TEST_F(RetainedTest, OutlivesNamesThatComeAndGo) {
    start({.topics = 3});
    publish("last:a");
    for (int name = 0; name < 10; ++name) {
        subscribe(1, "last:" + std::to_string(name));
        hub->unsubscribe({loop_of(1), 1, {{"last:" + std::to_string(name)}}});
    }
    EXPECT_EQ(retained(1, "last:a"), (Offsets{1}));
}

TEST_F(RetainedTest, AnswersWithNothingBeforeTheFirstMessage) {
    EXPECT_TRUE(subscribe(1, "last:a").retained.empty());
}

TEST_F(RetainedTest, AnswersWithTheLastMessageOfEachKeyInTheirOrder) {
    // A number, the same text as a string, an object, and a payload without the key.
    for (const char *key : {"1", "\"1\"", "{\"x\":1}", "2", "1", "{\"x\":1}"})
        publish_key("key:a", key);
    publish("key:a", "{}");
    EXPECT_EQ(retained(1, "key:a"), (Offsets{2, 4, 5, 6, 7}));
    publish("key:a", "{\"other\":1}");
    EXPECT_EQ(retained(2, "key:a"), (Offsets{2, 4, 5, 6, 8}));
}

TEST_F(RetainedTest, AnswersNotWithWhatWasRecovered) {
    publish_key("both:a", "1");
    publish_key("both:a", "2");
    EXPECT_EQ(retained(1, "both:a", at("both:a", 1)), (Offsets{}));
    EXPECT_EQ(retained(2, "both:a", at("both:a", 9)), (Offsets{1, 2}));
}

TEST_F(RetainedTest, KeepsWhatTheHistoryHasGivenUp) {
    for (int key = 1; key <= 5; ++key) publish_key("both:a", std::to_string(key));
    EXPECT_EQ(retained(1, "both:a"), (Offsets{1, 2, 3, 4, 5}));
    clock.advance(1000);
    hub->tick();
    EXPECT_EQ(hub->row("both:a")->history_messages, 0U);
    EXPECT_EQ(retained(2, "both:a"), (Offsets{1, 2, 3, 4, 5}));
    expect_consistent();
}

TEST_F(RetainedTest, AnswersAPatternWithAllItMatches) {
    publish("last:b");
    publish("last:a");
    publish("other");
    const auto answer = subscribe(1, "last:*");
    ASSERT_EQ(answer.retained.size(), 2U);
    EXPECT_EQ(answer.retained[0].topic, "last:a");
    EXPECT_EQ(answer.retained[1].topic, "last:b");
}

TEST_F(RetainedTest, AnswersARecoveredPatternWithWhatIsNotReplayed) {
    const auto from = *subscribe(3, "*").position;
    publish("last:a");
    publish_key("both:a", "1");
    const auto answer = subscribe(1, "*", from);
    EXPECT_TRUE(answer.recovered);
    ASSERT_EQ(answer.retained.size(), 1U);
    EXPECT_EQ(answer.retained[0].topic, "last:a");
}

TEST_F(RetainedTest, SyncsTopicsAndPatterns) {
    publish("last:a");
    publish("last:b");
    publish_key("key:a", "1");
    publish_key("key:a", "2");
    EXPECT_EQ(sync({"key:a", "none", "last:*"}), (Lines{"synced key:a: 1 2 last:a: 1 last:b: 1"}));
    EXPECT_EQ(sync({"none", "x*"}), (Lines{"synced"}));
    EXPECT_FALSE(hub->row("none"));
}

TEST_F(RetainedTest, ForgetsTheKeyThatWasLongestNotChanged) {
    for (uint64_t key = 1; key <= Retention::kMaxKeys; ++key)
        publish_key("key:a", std::to_string(key));
    publish_key("key:a", "1");
    publish_key("key:a", "\"one more\"");
    EXPECT_EQ(hub->row("key:a")->retained, Retention::kMaxKeys);
    EXPECT_EQ(retained(1, "key:a").front(), 3U);
    expect_consistent();
}

TEST_F(RetainedTest, GivesHistoriesUpBeforeStates) {
    start({.history_bytes = 100'000});
    publish("last:a", std::string(30'000, 'x'));
    publish("both:a", std::string(30'000, 'x'));
    publish("last:b", std::string(30'000, 'x'));
    publish("both:a", std::string(30'000, 'y'));
    EXPECT_EQ(sync({"*"}), (Lines{"synced both:a: 2 last:a: 1 last:b: 1"}));
    publish("last:c", std::string(30'000, 'x'));
    EXPECT_EQ(sync({"*"}), (Lines{"synced both:a: 2 last:b: 1 last:c: 1"}));
    EXPECT_EQ(hub->row("both:a")->history_messages, 0U);
    EXPECT_LE(hub->state().history_bytes, 100'000U);
    expect_consistent();
}

TEST_F(RetainedTest, TakesNoMemoryWhenEverythingIsGone) {
    start({.topics = 4});
    for (int i = 0; i < 20; ++i) {
        for (const char *topic : {"last:a", "both:a", "key:a"}) {
            publish_key(topic, std::to_string(i % 7));
            expect_consistent();
        }
        clock.advance(100);
    }
    EXPECT_GT(hub->state().history_bytes, 0U);
    for (uint64_t session = 1; session <= 4; ++session)
        subscribe(session, "x:" + std::to_string(session));
    EXPECT_EQ(hub->state().history_bytes, 0U);
    clock.advance(5000);
    hub->tick();  // of topics that are not there any more, nothing is due
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(RetainedTest, CountsTheMemoryThatItTakes) {
    for (auto &[name, policy] : policies) {
        if (policy.has_history()) policy.history = history(1000).history;
    }
    const auto topic_of = [](int i) { return (i % 2 ? "key:" : "both:") + std::to_string(i / 2); };
    // The topics themselves are no history.
    for (int i = 0; i < 50; ++i) subscribe(1, topic_of(i));
    effects.take();
    const size_t before = mallinfo2().uordblks;
    for (int n = 0; n < 10'000; ++n) {
        const std::string payload = "{\"k\":" + std::to_string(n / 50 % 60) + "}";
        publish(topic_of(n % 50), payload + std::string(static_cast<size_t>(n % 700), ' '));
        effects.lines.clear();
    }
    effects.last = {};
    const auto taken = static_cast<double>(mallinfo2().uordblks - before);
    EXPECT_NEAR(static_cast<double>(hub->state().history_bytes), taken, 0.05 * taken);
}
#endif

}  // namespace
}  // namespace wse::hub
