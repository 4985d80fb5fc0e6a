// SPDX-License-Identifier: MIT
#include "proto/message.h"

#include <gtest/gtest.h>

namespace wse::proto {
namespace {

constexpr PublishLimits kLimits{.payload_bytes = 64, .topic_bytes = 16};

Result<Publication> make(PublishFields fields) {
    return make_publication(fields, kLimits, 1);
}

TEST(Publication, TakesItsTypeFromThePayloadElseTheTopic) {
    const struct {
        const char *type, *payload, *expected;
    } cases[] = {
        {"given", R"({"event_type":"e","type":"t"})", "given"},
        {"", R"({"type":"t","event_type":"e"})", "e"},
        {"", R"({"type":"t"})", "t"},
        {"", R"({"type":7})", "topic"},
        {"", R"({"type":"server_ready"})", "topic"},
        {"", "[1]", "topic"},
        {"", "", "topic"},
    };
    for (const auto &[type, payload, expected] : cases) {
        const auto publication = make({.topic = "topic", .type = type, .payload = payload});
        ASSERT_TRUE(publication) << payload;
        EXPECT_EQ(publication->type, expected) << payload;
    }
}

TEST(Publication, TakesATopicOfAnyLengthForItsType) {
    const std::string topic(200, 't');
    const auto publication =
        make_publication({.topic = topic}, {.payload_bytes = 64, .topic_bytes = 256}, 1);
    ASSERT_TRUE(publication);
    EXPECT_EQ(publication->type, topic);
}

TEST(Publication, WrapsWhatIsNoObject) {
    EXPECT_EQ(make({.topic = "t", .payload = "[1, 2]"})->payload, R"({"data":[1, 2]})");
    EXPECT_EQ(make({.topic = "t", .payload = "null"})->payload, R"({"data":null})");
    EXPECT_EQ(make({.topic = "t"})->payload, "{}");
}

TEST(Publication, HasAnIdOfItsOwnUnlessOneIsGiven) {
    EXPECT_EQ(make({.topic = "t", .id = "mine"})->id, "mine");
    EXPECT_EQ(make({.topic = "t"})->id.size(), 36U);
}

TEST(Publication, RefusesTypesOfTheProtocol) {
    for (const char *type :
         {"server_ready", "error", "PONG", "ping", "batch", "presence_join", "subscription_update",
          "config_update", "encryption_response", "key_rotation_response"}) {
        EXPECT_FALSE(make({.topic = "t", .type = type})) << type;
    }
    EXPECT_FALSE(make({.topic = "ping"})) << "the topic would become the type";
}

TEST(Publication, RefusesHalfASurrogatePair) {
    EXPECT_EQ(make({.topic = "t", .payload = R"({"a":"\ud800"})"}).error().status, WSE_EINVAL);
    EXPECT_TRUE(make({.topic = "t", .payload = R"({"a":"\ud83d\ude00"})"}));
}

TEST(Publication, RefusesNumbersThatParsersRefuse) {
    const PublishLimits wide{.payload_bytes = 10'000, .topic_bytes = 16};
    const std::string number(5000, '9');
    const std::string object = R"({"a":)" + number + "}";
    const std::string extra = R"({"a":)" + std::string(1500, '9') + "}";
    for (const PublishFields &fields :
         {PublishFields{.topic = "t", .payload = number},
          PublishFields{.topic = "t", .payload = object},
          PublishFields{.topic = "t", .payload = "{}", .extra = extra}}) {
        EXPECT_EQ(make_publication(fields, wide, 1).error().status, WSE_EINVAL);
    }
    const std::string text = R"({"a":")" + number + "\"}";
    EXPECT_TRUE(make_publication({.topic = "t", .payload = text}, wide, 1));
}

TEST(Publication, NamesTheLimitItBroke) {
    const std::string large(100, '1');
    EXPECT_EQ(make({.topic = "t", .payload = large}).error().status, WSE_ETOOBIG);
    EXPECT_EQ(make({.topic = large}).error().status, WSE_ETOOBIG);
    EXPECT_FALSE(make({.topic = "t", .type = std::string(200, 'x')}));
    EXPECT_FALSE(make({.topic = "t", .id = std::string(200, 'x')}));
}

TEST(Publication, TakesFurtherMembersOfTheEnvelope) {
    const auto publication = make({.topic = "t", .extra = " {\"cid\":\"x\"} ", .time_ms = 7});
    ASSERT_TRUE(publication);
    EXPECT_EQ(publication->extra, R"({"cid":"x"})");
    EXPECT_EQ(publication->time_ms, 7U);
    EXPECT_EQ(make({.topic = "t", .extra = " { } "})->extra, "");
}

TEST(Publication, RefusesMembersThatBelongToTheEnvelope) {
    for (const char *extra :
         {R"({"o":1})", R"({"ts":""})", R"({"seq":1})", R"({"offset":1})", R"({"\u006f":1})",
          R"({"a":1,"a":2})", "[1]", "{", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})"})
        EXPECT_FALSE(make({.topic = "t", .extra = extra})) << extra;
}

TEST(Publication, CountsFurtherMembersWithThePayload) {
    const std::string extra = "{\"a\":\"" + std::string(54, 'x') + "\"}";
    EXPECT_TRUE(make({.topic = "t", .payload = "{}", .extra = extra}));
    EXPECT_EQ(make({.topic = "t", .payload = "{ }", .extra = extra}).error().status, WSE_ETOOBIG);
    const std::string large = "{\"a\":\"" + std::string(kMaxExtraBytes, 'x') + "\"}";
    const PublishLimits wide{.payload_bytes = 10'000, .topic_bytes = 16};
    EXPECT_EQ(make_publication({.topic = "t", .extra = large}, wide, 1).error().status,
              WSE_ETOOBIG);
}

TEST(Topic, IsPlainTextWithoutWildcards) {
    for (const char *topic : {"a", "user:1:x", "ä", "a b"})
        EXPECT_TRUE(check_topic(topic, 16)) << topic;
    for (const char *topic : {"", "a*", "a?", "a\n", "\x7f", "\xff", "12345678901234567"})
        EXPECT_FALSE(check_topic(topic, 16)) << topic;
}

TEST(Topic, MayBeAPatternWhereOneIsAllowed) {
    for (const char *topic : {"a", "a*", "*", "a?b"})
        EXPECT_TRUE(check_topic_or_pattern(topic, 16)) << topic;
    for (const char *topic : {"", "a*\n", "\xff*", "12345678901234*67"})
        EXPECT_FALSE(check_topic_or_pattern(topic, 16)) << topic;
}

TEST(Priority, IsRoundedToTheNearestLevel) {
    const std::pair<int64_t, int> cases[] = {{-5, 1}, {1, 1}, {2, 1}, {3, 3},   {4, 3},  {5, 5},
                                             {6, 5},  {7, 8}, {9, 8}, {10, 10}, {99, 10}};
    for (const auto &[number, level] : cases)
        EXPECT_EQ(static_cast<int>(nearest_priority(number)), level) << number;
}

TEST(Epoch, IsEightLowerCaseHexDigits_M18) {
    EXPECT_EQ(epoch_text(0xabcd), "0000abcd");
    EXPECT_EQ(epoch_text(0xffffffff), "ffffffff");
}

TEST(Epoch, IsReadAsItIsWrittenOnly_M18) {
    for (const uint32_t epoch : {0U, 0xabcdU, 0xffffffffU})
        EXPECT_EQ(parse_epoch(epoch_text(epoch)), epoch);
    for (const char *text : {"", "abcd", "0000ABCD", "0000abcg", "0x00abcd", "-000abcd", " 000abcd",
                             "00000abcd", "0000abc "})
        EXPECT_EQ(parse_epoch(text), std::nullopt) << text;
}

}  // namespace
}  // namespace wse::proto
