// SPDX-License-Identifier: MIT
#include "server/intake.h"

#include <gtest/gtest.h>

#include "cluster_fixture.h"
#include "module/bytes.h"
#include "support/fake_clock.h"

namespace wse::server {
namespace {

using module::to_bytes;

class IntakeTest : public testing::Test {
protected:
    IntakeTest() {
        settings.limits.max_publish_size = 100;
        settings.limits.max_topic_length = 20;
    }
    static wse_message message(std::string_view topic, std::string_view payload, uint64_t offset) {
        wse_message made = {};
        made.struct_size = sizeof made;
        made.topic = to_bytes(topic);
        made.type = to_bytes("news");
        made.id = to_bytes("m1");
        made.payload = to_bytes(payload);
        made.epoch = 7;
        made.offset = offset;
        return made;
    }
    static wse_followed followed(std::string_view topic, uint64_t offset,
                                 const std::vector<wse_message> &messages) {
        wse_followed made = {};
        made.struct_size = sizeof made;
        made.topic = to_bytes(topic);
        made.epoch = 7;
        made.offset = offset;
        made.messages = messages.data();
        made.count = messages.size();
        return made;
    }
    static wse_fact fact(uint32_t kind, std::string_view topic, std::string_view key,
                         std::string_view value) {
        wse_fact made = {};
        made.struct_size = sizeof made;
        made.kind = kind;
        made.topic = to_bytes(topic);
        made.key = to_bytes(key);
        made.value = to_bytes(value);
        made.host = to_bytes("other");
        return made;
    }
    int32_t take(const wse_message &message) { return intake.message("plane", message); }
    int32_t take(const wse_followed &followed) { return intake.followed("plane", followed); }
    int32_t take(const wse_fact &fact) { return intake.fact("plane", fact); }
    uint64_t unsound() const { return counters.read(Counter::cluster_unsound); }

    wse::test::FakeClock clock;
    config::Settings settings;
    Counters counters;
    test::FakeHub hub;
    Intake intake{settings, clock, counters, hub};
};

TEST_F(IntakeTest, BringsAMessageWithItsPlaceAndItsTime) {
    wse_message one = message("a", R"({"n":1})", 5);
    one.priority = 8;
    one.time_ms = 1234;
    one.extra = to_bytes(R"({"cid":"c"})");
    EXPECT_EQ(take(one), WSE_OK);
    ASSERT_EQ(hub.messages.size(), 1U);
    const auto &[publication, position] = hub.messages[0];
    EXPECT_EQ(publication.topic, "a");
    EXPECT_EQ(publication.type, "news");
    EXPECT_EQ(publication.id, "m1");
    EXPECT_EQ(publication.payload, R"({"n":1})");
    EXPECT_EQ(publication.extra, R"({"cid":"c"})");
    EXPECT_EQ(publication.priority, proto::Priority::kHigh);
    EXPECT_EQ(publication.time_ms, 1234U);
    EXPECT_EQ(position, (proto::Position{7, 5}));
    EXPECT_EQ(counters.read(Counter::cluster_received), 1U);
}

TEST_F(IntakeTest, KeepsWhatNoPublisherMayPublishAwayFromClients) {
    std::vector<wse_message> bad = {
        message("", "{}", 1),      message("a*", "{}", 1),
        message("a", "{", 1),      message("a", "{\"x\":\"\xff\"}", 1),
        message("a", "{}", 0),     message("a", "{}", uint64_t{1} << 53),
        message("a\xff", "{}", 1), message("a", "{}", 1),
        message("a", "{}", 1),     message("a", "{}", 1),
        message("a", "{}", 1),     message("a", "{}", 1),
    };
    bad[7].epoch = 0;
    bad[8].epoch = uint64_t{1} << 32;
    bad[9].id = {};
    bad[10].type = to_bytes("server_ready");
    bad[11].payload = {nullptr, 5};
    for (const auto &one : bad) EXPECT_EQ(take(one), WSE_EINVAL);
    EXPECT_EQ(take(message("a", '"' + std::string(100, 'x') + '"', 1)), WSE_ETOOBIG);
    EXPECT_TRUE(hub.messages.empty());
    EXPECT_EQ(unsound(), bad.size() + 1);
}

TEST_F(IntakeTest, HasTheModuleKeepWhatTheHubCannotTake) {
    hub.is_full = true;
    EXPECT_EQ(take(message("a", "{}", 1)), WSE_EAGAIN);
    EXPECT_EQ(take(followed("a", 0, {})), WSE_EAGAIN);
    EXPECT_EQ(take(followed("", 0, {})), WSE_EAGAIN) << "nor looks at it";
    EXPECT_EQ(take(fact(WSE_FACT_GROUP, "a", "g", "1")), WSE_EAGAIN);
    EXPECT_EQ(counters.read(Counter::cluster_behind), 1U);
    EXPECT_EQ(unsound(), 0U);
}

TEST_F(IntakeTest, SaysWhereATopicStandsAndWhatLeadsThere) {
    const std::vector<wse_message> messages = {message("a", "{}", 4), message("a", "{}", 5)};
    EXPECT_EQ(take(followed("a", 5, messages)), WSE_OK);
    EXPECT_EQ(take(followed("a*", 5, messages)), WSE_OK);
    EXPECT_EQ(take(followed("b", 0, {})), WSE_OK);
    ASSERT_EQ(hub.topics.size(), 3U);
    EXPECT_EQ(hub.topics[0].position, (proto::Position{7, 5}));
    ASSERT_EQ(hub.topics[0].messages.size(), 2U);
    EXPECT_EQ(hub.topics[0].messages[0].position.offset, 4U);
    EXPECT_EQ(hub.topics[1].position, proto::Position{}) << "a pattern stands nowhere";
    EXPECT_TRUE(hub.topics[1].messages.empty());
}

TEST_F(IntakeTest, TakesOfAHistoryTheEndThatHasNoGap) {
    const std::vector<std::vector<wse_message>> histories = {
        {message("a", "{}", 3), message("a", "{", 4), message("a", "{}", 5)},
        {message("a", "{}", 3), message("a", "{}", 5)},
        {message("b", "{}", 4), message("a", "{}", 5)},
    };
    for (const auto &messages : histories) EXPECT_EQ(take(followed("a", 5, messages)), WSE_OK);
    for (const auto &topic : hub.topics) {
        ASSERT_EQ(topic.messages.size(), 1U);
        EXPECT_EQ(topic.messages[0].position.offset, 5U);
    }
    EXPECT_EQ(unsound(), 3U);
}

TEST_F(IntakeTest, SaysWhatHoldsOnATopicAndWhatThisHostIsCalled) {
    const std::vector<wse_fact> facts = {
        fact(WSE_FACT_PRESENT, "a", "alice", "{}"), fact(WSE_FACT_PRESENT, "b", "bob", "{}"),
        fact(WSE_FACT_PRESENT, "a", "carol", "["), fact(WSE_FACT_GROUP, "a", "g", "1")};
    wse_followed made = followed("a", 5, {});
    made.host = to_bytes("us");
    made.facts = facts.data();
    made.fact_count = facts.size();
    EXPECT_EQ(take(made), WSE_OK);
    ASSERT_EQ(hub.topics.size(), 1U);
    EXPECT_EQ(hub.topics[0].host, "us");
    ASSERT_EQ(hub.topics[0].facts.size(), 2U) << "of the topic, and sound";
    EXPECT_EQ(hub.topics[0].facts[0].key, "alice");
    EXPECT_EQ(hub.topics[0].facts[1].key, "g");
    EXPECT_EQ(unsound(), 1U);
}

TEST_F(IntakeTest, RefusesATopicThatStandsNowhere) {
    wse_followed nowhere = followed("a", 5, {});
    nowhere.epoch = 0;
    EXPECT_EQ(take(nowhere), WSE_EINVAL);
    EXPECT_EQ(take(followed("", 5, {})), WSE_EINVAL);
    EXPECT_EQ(take(followed(std::string(21, 'a'), 5, {})), WSE_ETOOBIG);
    const std::string long_name(65, 'h');
    wse_followed called = followed("a", 5, {});
    called.host = to_bytes(long_name);
    EXPECT_EQ(take(called), WSE_ETOOBIG);
    EXPECT_TRUE(hub.topics.empty());
}

TEST_F(IntakeTest, BringsFactsOfAHostOfATopicAndOfAll) {
    EXPECT_EQ(take(fact(WSE_FACT_PRESENT, "a", "alice", R"({"n":1})")), WSE_OK);
    EXPECT_EQ(take(fact(WSE_FACT_GROUP, "a", "g", "1")), WSE_OK);
    EXPECT_EQ(take(fact(WSE_FACT_PRESENT, "a", "", "")), WSE_OK);
    EXPECT_EQ(take(fact(WSE_FACT_PRESENT, "", "", "")), WSE_OK);
    ASSERT_EQ(hub.facts.size(), 4U);
    EXPECT_EQ(hub.facts[0].kind, hub::Fact::Kind::kPresent);
    EXPECT_EQ(hub.facts[0].key, "alice");
    EXPECT_EQ(hub.facts[0].value, R"({"n":1})");
    EXPECT_EQ(hub.facts[0].host, "other");
    EXPECT_EQ(hub.facts[1].kind, hub::Fact::Kind::kGroup);
}

TEST_F(IntakeTest, RefusesFactsThatMeanNothing) {
    for (const auto &bad :
         {fact(3, "a", "k", "{}"), fact(0, "a", "k", "{}"), fact(WSE_FACT_PRESENT, "a*", "k", "{}"),
          fact(WSE_FACT_PRESENT, "a", "k", "[]"), fact(WSE_FACT_PRESENT, "a", "k\xff", "{}"),
          fact(WSE_FACT_PRESENT, "", "k", "{}"), fact(WSE_FACT_PRESENT, "a", "", "{}")})
        EXPECT_EQ(take(bad), WSE_EINVAL);
    EXPECT_EQ(take(fact(WSE_FACT_PRESENT, "a", std::string(257, 'k'), "{}")), WSE_ETOOBIG);
    EXPECT_TRUE(hub.facts.empty());
}

}  // namespace
}  // namespace wse::server
