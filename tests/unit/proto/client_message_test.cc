// SPDX-License-Identifier: MIT
#include "proto/client_message.h"

#include <gtest/gtest.h>

namespace wse::proto {
namespace {

Result<ClientMessage> parse(std::string_view text) {
    static std::vector<JsonMember> scratch;
    return parse_client_message(text, scratch);
}

TEST(ClientMessage, ReadsBothNamesAndAllPrefixes) {
    for (const char *text :
         {R"({"c":"WSE","t":"x","id":"7","p":{"a":1}})",
          R"({"type":"x","id":"7","payload":{"a":1}})", R"(WSE{"t":"x","id":"7","p":{"a":1}})",
          R"(S{"t":"x","id":"7","p":{"a":1}})", R"(U{"t":"x","id":"7","p":{"a":1}})",
          R"({"p": {"a":1} ,"id":"7","t":"\u0078"})"}) {
        const auto message = parse(text);
        ASSERT_TRUE(message) << text;
        EXPECT_EQ(message->type, "x") << text;
        EXPECT_EQ(message->id, "7") << text;
        EXPECT_EQ(message->payload, R"({"a":1})") << text;
    }
}

TEST(ClientMessage, TakesAnAbsentPayloadAsEmpty) {
    EXPECT_EQ(parse(R"({"t":"x"})")->payload, "{}");
    EXPECT_EQ(parse(R"({"t":"x","p":null})")->payload, "{}");
}

TEST(ClientMessage, RefusesWhatIsNoEnvelope) {
    const std::string long_type(200, 'x');
    for (const std::string &text :
         {std::string(), std::string("x"), std::string("[]"), std::string("{}"),
          std::string(R"({"t":1})"), std::string(R"({"t":""})"), std::string(R"({"t":"x","p":[]})"),
          std::string(R"({"t":"x","p":"s"})"), std::string(R"({"t":"a","t":"b"})"),
          std::string(R"(X{"t":"x"})"), R"({"t":")" + long_type + R"("})"}) {
        EXPECT_FALSE(parse(text)) << text;
    }
}

TEST(SubscriptionRequest, ReadsActionTopicsAndRecover) {
    const auto request =
        parse_subscription(R"({"action":"subscribe","topics":["a",7,"b"],"recover":true})");
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->subscribe);
    EXPECT_TRUE(request->recover);
    EXPECT_EQ(request->topics, (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(parse_subscription(R"({"action":"unsubscribe"})")->subscribe);
}

TEST(SubscriptionRequest, TellsABadActionFromABadRequest) {
    EXPECT_EQ(parse_subscription(R"({"action":"x"})").error().status, WSE_ENOTFOUND);
    EXPECT_EQ(parse_subscription(R"({})").error().status, WSE_ENOTFOUND);
    EXPECT_EQ(parse_subscription(R"({"action":"x","action":"y"})").error().status, WSE_EINVAL);
}

TEST(SubscriptionRequest, SetsAsideWhatNamesNoTopicAndTakesTheRest) {
    const auto request = parse_subscription(
        R"({"action":"subscribe","topics":["a\n","b\u0000",null,"\ud800","c"]})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->topics, (std::vector<std::string>{"a\n", "c"}));
    EXPECT_EQ(request->unreadable,
              (std::vector<std::string>{R"("b\u0000")", "null", R"("\ud800")"}));
}

TEST(SubscriptionRequest, ShowsOnlySoMuchOfWhatNamesNoTopic) {
    std::string topics = R"("\u0000)" + std::string(1000, 'x') + '"';
    for (int i = 0; i < 1000; ++i) topics += ",7";
    const auto request = parse_subscription(R"({"action":"subscribe","topics":[)" + topics + "]}");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->unreadable.size(), 100U);
    EXPECT_EQ(request->unreadable[0].size(), 64U);
}

TEST(SubscriptionRequest, ReadsWhereTheClientStands_M18) {
    const auto request = parse_subscription(
        R"({"action":"subscribe","topics":["b"],"recover":true,"recovery":{)"
        R"("b":{"epoch":"0000abcd","offset":41},"a\"\u00e4":{"epoch":"00000001","offset":0}}})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->position_of("b"), (Position{0xabcd, 41}));
    EXPECT_EQ(request->position_of("a\"ä"), (Position{1, 0}));
    EXPECT_EQ(request->position_of("c"), std::nullopt);
}

TEST(SubscriptionRequest, PassesOverWhatIsNoPosition) {
    const auto request = parse_subscription(
        R"({"action":"subscribe","recover":true,"recovery":{"a":null,"b":7,"c":{},)"
        R"("d":{"epoch":"x","offset":1},"e":{"epoch":"00000001"},)"
        R"("f":{"epoch":"00000001","offset":-1},"g":{"epoch":"00000001","offset":1.5},)"
        R"("h":{"epoch":1,"offset":1},"i":{"epoch":"00000001","offset":"1"},)"
        R"("good":{"epoch":"00000001","offset":1}}})");
    ASSERT_TRUE(request);
    ASSERT_EQ(request->recovery.size(), 1U);
    EXPECT_EQ(request->recovery[0].first, "good");
}

TEST(SubscriptionRequest, TakesNoPositionsThatAreNoObjectOrNotAskedFor) {
    for (const char *rest :
         {R"("recover":true,"recovery":null)", R"("recover":true,"recovery":[1])",
          R"("recover":true)", R"("recover":1,"recovery":{"a":{"epoch":"00000001","offset":1}})",
          R"("recovery":{"a":{"epoch":"00000001","offset":1}})"}) {
        const auto request =
            parse_subscription(R"({"action":"subscribe",)" + std::string(rest) + "}");
        ASSERT_TRUE(request) << rest;
        EXPECT_TRUE(request->recovery.empty()) << rest;
    }
}

TEST(SubscriptionRequest, ReadsGroupPresenceAndRoster) {
    const auto request = parse_subscription(
        R"({"action":"subscribe","queue_group":"g\u00e4","presence":{"x":1.10},"roster":true})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->queue_group, "gä");
    EXPECT_EQ(request->presence, R"({"x":1.10})");
    EXPECT_TRUE(request->roster);
    const auto none = parse_subscription(
        R"({"action":"subscribe","queue_group":7,"presence":[1],"roster":"true"})");
    ASSERT_TRUE(none);
    EXPECT_EQ(none->queue_group, "");
    EXPECT_EQ(none->presence, "");
    EXPECT_FALSE(none->roster);
    EXPECT_TRUE(none->params.empty());
    const auto with_params = parse_subscription(R"({"action":"subscribe","params":{"x": 1}})");
    EXPECT_EQ(with_params->params, R"({"x": 1})");
}

TEST(PresenceUpdate, NeedsDataAndMayNameATopic) {
    const auto update = parse_presence_update(R"({"topic":"a\u00e4","data":{"x":1.10}})");
    ASSERT_TRUE(update);
    EXPECT_EQ(update->topic, "aä");
    EXPECT_EQ(update->data, R"({"x":1.10})");
    EXPECT_EQ(parse_presence_update(R"({"data":{}})")->topic, "");
    for (const char *payload : {"{}", R"({"data":null})", R"({"data":"x"})", R"({"data":[]})"})
        EXPECT_EQ(parse_presence_update(payload).error().status, WSE_EINVAL) << payload;
    const std::string long_number = R"({"data":{"x":)" + std::string(2000, '1') + "}}";
    EXPECT_EQ(parse_presence_update(long_number).error().status, WSE_EINVAL);
}

TEST(PublishRequest, KeepsThePayloadAsItWasWritten) {
    const auto message = parse(
        R"({"t":"publish","id":"env","p":{"topic":"a","payload":{"x":1.10,"x":2},"priority":8}})");
    ASSERT_TRUE(message);
    const auto request = parse_publish(*message);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->topic, "a");
    EXPECT_EQ(request->id, "env");
    EXPECT_EQ(request->payload, R"({"x":1.10,"x":2})");
    EXPECT_EQ(request->priority, 8);
}

TEST(PublishRequest, KeepsATypeThatIsTooLongTooLong) {
    const std::string long_type(5000, 'x');
    const std::string text = R"({"t":"publish","p":{"topic":"a","type":")" + long_type + R"("}})";
    const auto message = parse(text);
    ASSERT_TRUE(message);
    EXPECT_GT(parse_publish(*message)->type.size(), 128U);
}

TEST(PublishRequest, NeedsATopic) {
    for (const char *text : {R"({"t":"publish"})", R"({"t":"publish","p":{"topic":7}})",
                             R"({"t":"publish","p":{"topic":"a\u0000b"}})"}) {
        EXPECT_FALSE(parse_publish(*parse(text))) << text;
    }
}

TEST(PingTimestamp, IsPassedOnOnlyWhenItIsANumber) {
    EXPECT_EQ(ping_timestamp(R"({"timestamp":1708441800123.5})"), "1708441800123.5");
    EXPECT_EQ(ping_timestamp(R"({"timestamp":"x"})"), "");
    EXPECT_EQ(ping_timestamp(R"({"timestamp":{}})"), "");
    EXPECT_EQ(ping_timestamp("{}"), "");
}

TEST(HelloVersion, IsAPlainLabel) {
    EXPECT_EQ(hello_version(R"({"client_version":"2.0.7"})"), "2.0.7");
    EXPECT_EQ(hello_version(R"({"client_version":"a\u0001\nb\u00e9"})"), "ab");
    EXPECT_EQ(plain_label(std::string(100, 'x')).size(), 32U);
}

}  // namespace
}  // namespace wse::proto
