// SPDX-License-Identifier: MIT
#include "parts/bus_message.h"

#include <gtest/gtest.h>

namespace wse::backplane_redis::parts {
namespace {

BusMessage read(std::string_view text) {
    std::string problem;
    auto message = read_event(text, problem);
    EXPECT_TRUE(message) << problem;
    return message.value_or(BusMessage{});
}

TEST(BusMessage, TakesTheMembersOfAnEventOfTheBus) {
    const BusMessage message = read(
        R"({"event_type":"Order_Placed","payload":{"n":12345678901234567890},"event_id":"no",
            "metadata":{"event_id":"e1","priority":8,"published_at":"2026-11-28T12:00:00Z"}})");
    EXPECT_EQ(message.type, "order_placed");
    EXPECT_EQ(message.payload, "{\"n\":12345678901234567890}");
    EXPECT_EQ(message.id, "e1");
    EXPECT_EQ(message.priority, 8u);
}

TEST(BusMessage, TakesTheWholeEventWithoutMetadataForAPayload) {
    const BusMessage message = read(R"({"type":"X","a":1,"metadata":{"event_id":"e"},"b":[2]})");
    EXPECT_EQ(message.type, "x");
    EXPECT_EQ(message.payload, R"({"type":"X","a":1,"b":[2]})");
}

TEST(BusMessage, TakesAMessageOfTheWireAsItIs) {
    const BusMessage message = read(R"({"v":1,"t":"Tick","p":{"x":1},"id":"i","ts":"now"})");
    EXPECT_EQ(message.type, "Tick");
    EXPECT_EQ(message.payload, "{\"x\":1}");
    EXPECT_EQ(message.id, "i");
    EXPECT_EQ(message.priority, 0u);
}

TEST(BusMessage, PassesOverMembersOfTheWrongKind) {
    const BusMessage message = read(R"({"event_type":7,"t":"a\u0062","p":null,"metadata":[1]})");
    EXPECT_EQ(message.type, "ab");
    EXPECT_EQ(message.id, "");
    EXPECT_EQ(message.payload, R"({"event_type":7,"t":"a\u0062","p":null})");
    EXPECT_EQ(read(R"({"metadata":{"priority":"high"}})").priority, 0u);
    EXPECT_EQ(read(R"({"metadata":{"priority":-3}})").priority, 1u);
    EXPECT_EQ(read(R"({"metadata":{"priority":1e30}})").priority, 10u);
}

TEST(BusMessage, TakesTheLastOfMembersThatStandTwice) {
    EXPECT_EQ(read(R"({"p":{"a":1},"\u0070":{"a":2}})").payload, "{\"a\":2}");
}

TEST(BusMessage, TakesTheTimeOfAnEventWhereItIsOne) {
    EXPECT_EQ(read(R"({"timestamp":"2026-11-28T12:00:00.5+02:00"})").time_ms, 1795860000500u);
    EXPECT_EQ(read(R"({"ts":1764331200000,"timestamp":"soon"})").time_ms, 1764331200000u);
    for (const char *text : {"{}", R"({"timestamp":"now"})", R"({"timestamp":7})"})
        EXPECT_EQ(read(text).time_ms, 0u) << text;
}

TEST(BusMessage, RefusesMetadataThatItCannotRead) {
    std::string text = R"({"metadata":{"event_id":"e")";
    for (int i = 0; i < 64; ++i) text += ",\"" + std::to_string(i) + "\":1";
    std::string problem;
    EXPECT_FALSE(read_event(text + "}}", problem));
    EXPECT_EQ(problem, "the metadata has over 64 members");
}

TEST(BusMessage, RefusesWhatIsNoEvent) {
    std::string many = "{";
    for (int i = 0; i < 65; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
    const std::string deep = "{\"p\":" + std::string(70, '[') + std::string(70, ']') + '}';
    const std::string large = "{\"p\":\"" + std::string(kMaxEvent, 'x') + "\"}";
    for (const std::string &text :
         {std::string(), std::string("hello"), std::string("[1]"), std::string("{\"a\":1"),
          std::string("{\"a\":\"\xff\"}"), many + '}', deep, large}) {
        std::string problem;
        EXPECT_FALSE(read_event(text, problem)) << text.substr(0, 80);
        EXPECT_NE(problem, "");
    }
}

TEST(BusMessage, WritesAnEventThatReadsAsTheSameMessage) {
    BusMessage message;
    message.type = "t\"\n";
    message.id = "i\\";
    message.payload = "{\"a\":[1,2.50]}";
    message.priority = 3;
    const BusMessage again = read(event_of(message));
    EXPECT_EQ(again.type, message.type);
    EXPECT_EQ(again.id, message.id);
    EXPECT_EQ(again.payload, message.payload);
    EXPECT_EQ(again.priority, 3u);
    message.payload = "null";
    message.extra = "{\"cid\":\"c\"}";
    message.time_ms = 1764331200000;
    const BusMessage third = read(event_of(message));
    EXPECT_EQ(third.payload + third.extra, message.payload + message.extra);
    EXPECT_EQ(third.time_ms, message.time_ms);
    EXPECT_EQ(event_of(BusMessage{}), R"({"t":"","p":{},"metadata":{}})");
}

TEST(BusMessage, ReadsPrioritiesAsTheyAreWritten) {
    EXPECT_EQ(read_priority("5"), 5u);
    EXPECT_EQ(read_priority("7.9"), 7u);
    EXPECT_EQ(read_priority("0"), 1u);
    EXPECT_EQ(read_priority("1000000"), 10u);
    for (const char *text : {"", "high", "nan", "5x", "1e999"}) EXPECT_FALSE(read_priority(text));
}

}  // namespace
}  // namespace wse::backplane_redis::parts
