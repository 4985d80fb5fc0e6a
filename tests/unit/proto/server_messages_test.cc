// SPDX-License-Identifier: MIT
// The exact texts: clients depend on names, order and types of what stands here.
#include "proto/server_messages.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wse::proto {
namespace {

MessageRef make_message(bool stamped, std::string type = "news",
                        Priority priority = Priority::kNormal) {
    return MessageRef(new Message({{"a:b", std::move(type), "id-1", R"({"x":1.10})", priority},
                                   {0xabcd, 42},
                                   7,
                                   1'767'323'045'678},
                                  {.stamped = stamped}));
}

TEST(ServerMessages, AnEventHasItsMembersInOrder) {
    EXPECT_EQ(
        event(*make_message(false)),
        R"({"c":"U","t":"news","id":"id-1","ts":"2026-01-02T03:04:05.678Z","p":{"x":1.10},"v":1})");
}

TEST(ServerMessages, AStampedEventTellsItsPlace_M18) {
    EXPECT_EQ(event(*make_message(true)),
              R"({"c":"U","t":"news","tp":"a:b","e":"0000abcd","o":42,"id":"id-1",)"
              R"("ts":"2026-01-02T03:04:05.678Z","p":{"x":1.10},"v":1})");
}

TEST(ServerMessages, AnEventTellsAnUnusualPriority) {
    EXPECT_NE(event(*make_message(false, "t", Priority::kHigh)).find(R"("pri":8)"),
              std::string::npos);
}

TEST(ServerMessages, SnapshotTypesHaveTheirCategory) {
    for (const char *type : {"snapshot_items", "items_snapshot", "a_snapshot_b"})
        EXPECT_TRUE(event(*make_message(false, type)).starts_with(R"({"c":"S")")) << type;
}

TEST(ServerMessages, KeepAlivesShowInTheFirst25Characters_M2) {
    EXPECT_NE(pong({}).substr(0, 25).find(R"("t":"PONG")"), std::string::npos);
    EXPECT_NE(ping(1).substr(0, 25).find(R"("t":"ping")"), std::string::npos);
}

TEST(ServerMessages, APongEchoesTheNumberUntouched) {
    EXPECT_EQ(pong({.client_timestamp = "17.50", .wall_ms = 9}),
              R"({"c":"WSE","t":"PONG","p":{"client_timestamp":17.50,"timestamp":17.50,)"
              R"("server_timestamp":9},"v":1})");
}

TEST(ServerMessages, AnUnsubscribeAckHasNoSuccessTopics_M10) {
    SubscriptionAck ack{.action = "unsubscribe", .topics = {"a"}};
    EXPECT_EQ(subscription_ack(ack),
              R"({"c":"WSE","t":"subscription_update","p":{"action":"unsubscribe","success":true,)"
              R"("success_topics":[],"failed_topics":[],"topics":["a"]},"v":1})");
}

TEST(ServerMessages, ASubscribeAckListsFailuresAsStrings_M11) {
    SubscriptionAck ack{.action = "subscribe",
                        .topics = {"a"},
                        .failed = {{"b", "not allowed"}},
                        .recovery = {{"a", {1, 41}, false, 0}}};
    EXPECT_EQ(subscription_ack(ack),
              R"({"c":"WSE","t":"subscription_update","p":{"action":"subscribe","success":true,)"
              R"("success_topics":["a"],"failed_topics":["b"],"topics":["a"],)"
              R"("reasons":{"b":"not allowed"},"recovery":{"a":{"epoch":"00000001","offset":41,)"
              R"("recovered":false,"count":0}}},"v":1})");
}

TEST(ServerMessages, ASubscribeThatFailedWhollyIsNoSuccess) {
    SubscriptionAck ack{.action = "subscribe", .failed = {{"b", "no"}}};
    EXPECT_NE(subscription_ack(ack).find(R"("success":false)"), std::string::npos);
}

TEST(ServerMessages, NothingThatMayBeReadAsAnObjectIsNull_M16) {
    const Greeting greeting{.connection_id = "c", .user = "", .server_version = "1"};
    for (const std::string &text :
         {server_ready(greeting), server_hello(greeting), error_message({.code = "X", .text = "x"}),
          rate_limit_warning(1, 10), snapshot_complete({}), publish_ack("i", "t", {1, 2}), pong({}),
          ping(1), subscription_ack({}), presence_event({.kind = "presence_join", .data = "null"}),
          presence_state({}), topic_snapshot({})}) {
        EXPECT_EQ(text.find("null"), std::string::npos) << text;
        EXPECT_TRUE(JsonDocument::parse(text)) << text;
    }
}

TEST(ServerMessages, EscapesWhatPeopleWrote) {
    const auto text = error_message({.code = "X", .text = "a\"b\\c\n\x01", .topic = "t\""});
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document) << text;
    EXPECT_EQ(document->root()["p"]["message"].string(), "a\"b\\c\n\x01");
}

TEST(ServerMessages, APresenceEventTellsWhoAndWhere) {
    EXPECT_EQ(
        presence_event(
            {.kind = "presence_join", .topic = "a:b", .user = "ann", .data = R"({"x":1.10})"}),
        R"({"c":"WSE","t":"presence_join","p":{"topic":"a:b","user_id":"ann",)"
        R"("data":{"x":1.10}},"v":1})");
}

TEST(ServerMessages, APresenceStateListsUsers) {
    const PresenceRow rows[] = {{"ann", R"({"x":1})", 2}, {"ben", "", 0}};
    EXPECT_EQ(presence_state({.topic = "a:b", .rows = rows, .users = 3, .truncated = true}),
              R"({"c":"WSE","t":"presence_state","p":{"topic":"a:b","users":[)"
              R"({"user_id":"ann","data":{"x":1},"connections":2},)"
              R"({"user_id":"ben","data":{},"connections":0}],"count":3,"truncated":true},"v":1})");
}

TEST(ServerMessages, DataOfAUserIsAlwaysAnObject_M16) {
    for (const char *data : {"", "null", "[1]", "7"}) {
        const PresenceRow row{"ann", data, 1};
        EXPECT_NE(presence_event({.kind = "presence_leave", .data = data}).find(R"("data":{}})"),
                  std::string::npos);
        EXPECT_NE(presence_state({.rows = {&row, 1}}).find(R"("data":{},)"), std::string::npos);
    }
}

TEST(ServerMessages, ATopicSnapshotListsEventsWithTheirPlaces) {
    const MessageRef events[] = {make_message(true), make_message(true, "u\"")};
    std::string text = topic_snapshot({.topic = "a:b",
                                       .position = {0xabcd, 43},
                                       .events = events,
                                       .more = true,
                                       .wall_ms = 1'767'323'045'679});
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document) << text;
    const std::string id(document->root()["id"].string().value_or(""));
    ASSERT_EQ(id.size(), 36U);
    text.replace(text.find(id), id.size(), "ID");
    const std::string rest =
        R"(,"id":"id-1","ts":"2026-01-02T03:04:05.678Z","p":{"x":1.10},"o":42})";
    EXPECT_EQ(text, R"({"c":"S","t":"topic_snapshot","id":"ID","ts":"2026-01-02T03:04:05.679Z",)"
                    R"("p":{"topic":"a:b","epoch":"0000abcd","offset":43,"events":[)"
                    R"({"t":"news")" +
                        rest + R"(,{"t":"u\"")" + rest + R"(],"more":true},"v":1})");
}

TEST(ServerMessages, AnEmptySnapshotHasAList) {
    EXPECT_NE(topic_snapshot({.topic = "a"}).find(R"("offset":0,"events":[],"more":false},"v":1})"),
              std::string::npos);
}

TEST(SubscriptionAck, TellsWhereTopicsStandAndWhichMayLoseMessages_M7) {
    const SubscriptionAck ack{.action = "subscribe",
                              .topics = {"a\"", "b"},
                              .recovery = {{"a\"", {0xabcd, 41}, true, 3}, {"c*", {1, 0}}},
                              .lossy = {"b"},
                              .queue_group = "g"};
    EXPECT_EQ(subscription_ack(ack),
              R"({"c":"WSE","t":"subscription_update","p":{"action":"subscribe","success":true,)"
              R"("success_topics":["a\"","b"],"failed_topics":[],"topics":["a\"","b"],)"
              R"("recovery":{"a\"":{"epoch":"0000abcd","offset":41,"recovered":true,"count":3},)"
              R"("c*":{"epoch":"00000001","offset":0,"recovered":false,"count":0}},)"
              R"("lossy":["b"],"queue_group":"g"},"v":1})");
}

TEST(SubscriptionAck, LeavesOutWhatThereIsNothingToSayAbout_M16) {
    const std::string text = subscription_ack({.action = "subscribe", .topics = {"a"}});
    for (const char *name : {"recovery", "lossy", "queue_group", "reasons"})
        EXPECT_EQ(text.find(name), std::string::npos) << name;
}

TEST(ServerMessages, EventsOutsideOfATopicsStreamHaveNoStamps_M6) {
    const MessageRef message = make_message(true);
    const std::string plain =
        R"({"c":"U","t":"news","id":"id-1","ts":"2026-01-02T03:04:05.678Z","p":{"x":1.10},"v":1})";
    EXPECT_EQ(bare_event(*message), plain);
}

TEST(ServerMessages, AnEventThatHasWaitedTellsNoTime_M17) {
    EXPECT_EQ(undated_event(*make_message(true)),
              R"({"c":"U","t":"news","id":"id-1","p":{"x":1.10},"v":1})");
}

// Of what happened that long before its commit.
MessageRef make_late(bool stamped, uint64_t age_ms) {
    Record record;
    record.publication = {"a", "t", "i", "{}", Priority::kHigh, false, R"({"cid":"x","n":1})"};
    record.wall_ms = 1767323045678;
    record.publication.time_ms = record.wall_ms - age_ms;
    record.position = {1, 2};
    return MessageRef(new Message(std::move(record), {.stamped = stamped}));
}

TEST(ServerMessages, AnEventHasFurtherMembersBehindItsPayload) {
    EXPECT_EQ(event(*make_late(false, 678)),
              R"({"c":"U","t":"t","id":"i","ts":"2026-01-02T03:04:05.000Z","p":{},"pri":8,)"
              R"("cid":"x","n":1,"v":1})");
    const MessageRef events[] = {make_late(true, 678)};
    EXPECT_NE(topic_snapshot({.events = events})
                  .find(R"("ts":"2026-01-02T03:04:05.000Z","p":{},"cid":"x","n":1,"o":2})"),
              std::string::npos);
}

TEST(ServerMessages, AnEventThatIsNoNewsTellsItsTimeOnlyWithAStamp_M17) {
    constexpr const char *kTime = R"("ts":"2026-01-02T03:04:04.677Z")";
    EXPECT_NE(event(*make_late(true, 1001)).find(kTime), std::string::npos);
    EXPECT_EQ(event(*make_late(false, 1001)).find("\"ts\""), std::string::npos);
    EXPECT_EQ(bare_event(*make_late(true, 1001)).find("\"ts\""), std::string::npos);
    EXPECT_NE(event(*make_late(false, 1000)).find("\"ts\""), std::string::npos);
}

TEST(ServerMessages, ACompleteSnapshotCountsTheTopicsThatHadAState) {
    EXPECT_EQ(
        snapshot_complete({.topics = {"a", "b"}, .count = 1}),
        R"({"c":"WSE","t":"snapshot_complete","p":{"success":true,"topics":["a","b"],)"
        R"("count":1,"truncated":false,"message":"the state of the topics was sent"},"v":1})");
    EXPECT_NE(snapshot_complete({}).find(R"("topics":[],"count":0,"truncated":false,)"),
              std::string::npos);
}

TEST(ServerMessages, ATopicStateIsWhatItsModuleHas) {
    const TopicState state{.topic = "a", .position = {1, 2}, .data = R"({"x": 1.10})"};
    EXPECT_NE(topic_state(state).find(
                  R"("p":{"topic":"a","epoch":"00000001","offset":2,"data":{"x": 1.10}},"v":1})"),
              std::string::npos);
    EXPECT_TRUE(topic_state(state).starts_with(R"({"c":"S","t":"topic_snapshot","id":")"));
    EXPECT_TRUE(topic_state({.type = "a_snapshot"}).starts_with(R"({"c":"S","t":"a_snapshot",)"));
    EXPECT_NE(topic_state({}).find(R"("offset":0,"empty":true})"), std::string::npos);
}

TEST(SubscriptionAck, GivesReasonsForTheFirstRefusalsOnly) {
    SubscriptionAck ack{.action = "subscribe"};
    for (int i = 0; i < 500; ++i) ack.failed.push_back({std::to_string(i), "not allowed"});
    const auto parsed = JsonDocument::parse(subscription_ack(ack));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->root()["p"]["failed_topics"].size(), 500U);
    EXPECT_EQ(parsed->root()["p"]["reasons"].size(), kMaxReasons);
}

}  // namespace
}  // namespace wse::proto
