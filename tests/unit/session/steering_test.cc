// SPDX-License-Identifier: MIT
// What a backend makes a session do.
#include "session/steering.h"

#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

using Lines = std::vector<std::string>;

class SteeringTest : public test::SessionFixture {
protected:
    SteeringTest() {
        settings->limits.max_topics_per_request = 3;
        policies.push_front({"room*", {.history = {}, .presence = true}});
        policies.push_front(
            {"secret:kept*", {.history = {.messages = 10, .age_ms = 0, .bytes = 1 << 20}}});
    }
    ~SteeringTest() override { handler.reset(); }
    // What was answered: "0 {…}".
    void steer(Steering command) {
        static_cast<Session &>(*handler).steer(
            std::move(command), [this](int32_t status, const std::string &answer) {
                answers.push_back(std::to_string(status) + (answer.empty() ? "" : ' ' + answer));
            });
        pump();
    }
    void subscribe(const std::string &topic, const std::string &wish = "") {
        steer(SubscribeTopics{{topic}, wish});
    }
    void lists(const std::string &json) { steer(SetTopicLists{*parse_topic_lists(json)}); }
    static SendEvent event(const std::string &type) {
        proto::Record record;
        record.publication = {.topic = "direct", .type = type, .id = "id", .payload = "{}"};
        return {proto::MessageRef(new proto::Message(
            std::move(record), {.stamped = false, .slow = proto::Slow::kDropLowest}))};
    }
    Lines take() { return std::exchange(answers, {}); }
    Lines types() {
        Lines all;
        for (const auto &one : replies()) all.push_back(type(one));
        return all;
    }

    Lines answers;
};

TEST_F(SteeringTest, SendsAnEventOutsideOfTopics) {
    open();
    steer(event("invoice"));
    EXPECT_EQ(types(), (Lines{"invoice"}));
    EXPECT_EQ(take(), (Lines{"0"}));
}

TEST_F(SteeringTest, SendsTextsAndBytesAsTheyAre) {
    open();
    steer(SendRaw{"hello", false});
    steer(SendRaw{"\xff\x01", true});
    EXPECT_EQ(connection.take(), (Lines{"hello", "\xff\x01"}));
    EXPECT_EQ(connection.binary, 1U);
    EXPECT_EQ(take(), (Lines{"0", "0"}));
}

TEST_F(SteeringTest, SendsTextsUnderTheKeyAndNothingBesideIt) {
    layers = {module::Layer::kCipher};
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{"encryption_public_key":"key"}})");
    advance(1000);
    connection.sent.clear();
    steer(SendRaw{"hello", false});
    ASSERT_EQ(connection.sent.size(), 1U);
    EXPECT_TRUE(connection.sent[0].starts_with("E:"));
    steer(SendRaw{"\x01", true});
    EXPECT_EQ(connection.sent.size(), 1U);
    EXPECT_EQ(take(), (Lines{"0", std::to_string(WSE_EDENIED)}));
}

TEST_F(SteeringTest, ClosesNobodyForWhatItSends) {
    settings->limits.max_outbound = 64 << 10;
    open();
    connection.stalled = true;
    for (int i = 0; i < 200; ++i) steer(SendRaw{std::string(1000, 'x'), false});
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_EQ(take().back(), std::to_string(WSE_EAGAIN));
}

TEST_F(SteeringTest, SendsALargeMessageToAClientThatReadsAndClosesNoOther) {
    settings->limits.max_outbound = 16 << 20;
    open();
    const SendRaw large{std::string(3 << 20, 'x'), false};
    connection.stalled = true;
    connection.queued = 512 << 10;
    steer(large);
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_EAGAIN)}));
    steer(SendRaw{"small", false});
    connection.stalled = false;
    drain_all();
    steer(large);
    EXPECT_EQ(take(), (Lines{"0", "0"})) << "that it did not read before does not matter";
}

TEST_F(SteeringTest, SubscribesWithoutTheClientsRights) {
    open();
    subscribe("secret");
    EXPECT_EQ(subscribers("secret"), 1U);
    EXPECT_EQ(take(), (Lines{R"(0 {"subscribed":["secret"],"failed":[]})"}));
    const auto ack = reply();
    EXPECT_EQ(type(ack), "subscription_update");
    EXPECT_EQ(ack.root()["p"]["success_topics"].first().string(), "secret");
    publish("secret", R"({"n":1})");
    EXPECT_EQ(type(reply()), "news");
}

TEST_F(SteeringTest, SubscribesToNothingThatIsDenied) {
    open(R"({"wse_topics":{"deny":["secret*"]}})");
    subscribe("secret:1");
    EXPECT_EQ(subscribers("secret:1"), 0U);
    EXPECT_EQ(take(), (Lines{R"(0 {"subscribed":[],"failed":)"
                             R"([{"topic":"secret:1","reason":"denied"}]})"}));
}

TEST_F(SteeringTest, AGrantedPatternBringsAllThatIsNotDenied) {
    open(R"({"wse_topics":{"deny":["secret:x"]}})");
    subscribe("secret:*");
    connection.sent.clear();
    publish("secret:x", "{}");
    publish("secret:y", "{}");
    EXPECT_EQ(types(), (Lines{"news"}));
}

TEST_F(SteeringTest, AGrantedPatternIsNoRightToSubscribeItsTopics) {
    open();
    subscribe("secret:*");
    for (const char *name : {"secret:a", "secret:a*"})
        say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":[")" +
            std::string(name) + R"("]}})");
    connection.sent.clear();
    publish("secret:a", "{}");
    EXPECT_EQ(types(), (Lines{"news"}));
    steer(UnsubscribeTopics{{"secret:*"}});
    connection.sent.clear();
    publish("secret:a", "{}");
    EXPECT_EQ(types(), Lines{}) << "nothing of it outlasts the grant";
}

TEST_F(SteeringTest, WhatItTakesBackComesThroughNoPatternOfTheClientsEither) {
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["*e*"]}})");
    subscribe("secret", R"({"queue_group":"workers"})");
    connection.sent.clear();
    publish("secret", "{}");
    EXPECT_EQ(types(), (Lines{"news", "news"})) << "the group's, and the pattern's";
    steer(UnsubscribeTopics{{"secret"}});
    connection.sent.clear();
    publish("secret", "{}");
    EXPECT_EQ(types(), Lines{});
}

TEST_F(SteeringTest, ItsWordHoldsAsLongAsTheSubscription) {
    open();
    subscribe("secret");
    steer(UnsubscribeTopics{{"secret"}});
    EXPECT_EQ(subscribers("secret"), 0U);
    connection.sent.clear();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["secret"]}})");
    EXPECT_EQ(subscribers("secret"), 0U) << "the client by itself may not";
}

TEST_F(SteeringTest, TellsThePositionAndWhatIsRecovered) {
    open();
    publish("secret:kept", R"({"n":1})");
    publish("secret:kept", R"({"n":2})");
    subscribe("secret:kept");
    EXPECT_NE(take().at(0).find(R"("recovery":{"secret:kept":{"epoch":")"), std::string::npos);
    const auto ack = reply();
    const JsonView at = ack.root()["p"]["recovery"]["secret:kept"];
    EXPECT_EQ(at["offset"].integer(), 2);
    const std::string epoch(*at["epoch"].string());
    steer(UnsubscribeTopics{});
    take();
    connection.sent.clear();
    subscribe("secret:kept", R"({"recover":true,"recovery":{"secret:kept":{"epoch":")" + epoch +
                                 R"(","offset":1}}})");
    EXPECT_NE(take().at(0).find(R"("recovered":true,"count":1)"), std::string::npos);
    EXPECT_EQ(types(), (Lines{"subscription_update", "news"}));
}

TEST_F(SteeringTest, JoinsPresenceAndAQueueGroup) {
    open();
    subscribe("room", R"({"presence":{"mood":1}})");
    EXPECT_EQ(core.roster("room", 10).total, 1U);
    take();
    subscribe("jobs", R"({"queue_group":"workers"})");
    EXPECT_NE(take().at(0).find(R"("queue_group":"workers")"), std::string::npos);
    steer(SetPresence{R"({"mood":2})"});
    EXPECT_EQ(core.roster("room", 10).users.at(0).data, R"({"mood":2})");
    steer(SetPresence{"[]"});
    steer(SetPresence{"{\"x\":\"" + std::string(300, 'x') + "\"}"});
    EXPECT_EQ(take(), (Lines{"0", std::to_string(WSE_EINVAL), std::to_string(WSE_ETOOBIG)}));
}

TEST_F(SteeringTest, AnswersALongListOnceWithAllOfIt) {
    open();
    steer(SubscribeTopics{{"a", "b", "c", "d"}, ""});
    const Lines all = take();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_NE(all[0].find(R"("subscribed":["a","b","c"])"), std::string::npos) << all[0];
    EXPECT_NE(all[0].find(R"("topic":"d")"), std::string::npos) << all[0];
}

TEST_F(SteeringTest, UnsubscribesFromAll) {
    open();
    subscribe("a");
    subscribe("b");
    connection.sent.clear();
    steer(UnsubscribeTopics{});
    EXPECT_EQ(subscribers("a") + subscribers("b"), 0U);
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["action"].string(), "unsubscribe");
    EXPECT_EQ(ack.root()["p"]["topics"].size(), 2U);
}

TEST_F(SteeringTest, ClosesWithTheApplicationsCodeOr4403) {
    open();
    steer(CloseSession{4123, "out"});
    EXPECT_EQ(connection.closed_code, 4123);
    EXPECT_EQ(connection.closed_reason, "out");
    open();
    connection.closed_code = 0;
    steer(CloseSession{});
    EXPECT_EQ(connection.closed_code, proto::close::kForbidden);
}

TEST_F(SteeringTest, JudgesAgainWithNewLists) {
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open1","open2"]}})");
    connection.sent.clear();
    lists(R"({"deny":["open2"]})");
    EXPECT_EQ(subscribers("open1"), 1U);
    EXPECT_EQ(subscribers("open2"), 0U);
    EXPECT_EQ(reply().root()["p"]["failed_topics"].first().string(), "open2");
    lists(R"({"allow":["open3"]})");
    EXPECT_EQ(subscribers("open1"), 0U);
    connection.sent.clear();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open2","open3"]}})");
    EXPECT_EQ(subscribers("open2") + subscribers("open3"), 1U) << "the other list has stayed";
}

TEST_F(SteeringTest, NewListsTakeBackWhatWasGranted) {
    open();
    subscribe("secret");
    subscribe("secret2");
    lists(R"({"allow":["secret"]})");
    EXPECT_EQ(subscribers("secret"), 1U);
    EXPECT_EQ(subscribers("secret2"), 0U);
    subscribe("secret2");
    EXPECT_EQ(subscribers("secret2"), 1U) << "the newest word counts";
}

TEST_F(SteeringTest, ItsWordOutlivesAToken) {
    open();
    subscribe("secret");
    lists(R"({"deny":["open"]})");
    say(R"({"t":"auth_refresh","p":{"token":"next"}})");
    auth.answer(module::Identity{"alice", "", 0});
    pump();
    EXPECT_EQ(subscribers("secret"), 1U);
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    EXPECT_EQ(subscribers("open"), 0U);
}

TEST_F(SteeringTest, WaitsForTheGateInItsOrder) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.sent.clear();
    steer(event("first"));
    lists(R"({"deny":["open"]})");
    steer(SendRaw{"{}", false});
    EXPECT_EQ(connection.sent.size(), 0U);
    EXPECT_EQ(take(), Lines{});
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    say(R"({"t":"client_hello","p":{}})");
    EXPECT_EQ(take(), (Lines{"0", "0", "0"}));
    EXPECT_EQ(types(), (Lines{"server_hello", "first", "", "subscription_update"}));
    EXPECT_EQ(subscribers("open"), 0U) << "the list was there before the client's wish";
}

TEST_F(SteeringTest, ClosesBeforeTheGateOpensUnlessSomethingIsToComeFirst) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.sent.clear();
    steer(event("farewell"));
    steer(CloseSession{4123, "out"});
    EXPECT_EQ(connection.closed_code, 0);
    advance(1000);
    EXPECT_EQ(types(), (Lines{"farewell"}));
    EXPECT_EQ(connection.closed_code, 4123);
    EXPECT_EQ(take(), (Lines{"0", "0"}));
    connection.closed_code = 0;
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    steer(CloseSession{4123, "out"});
    EXPECT_EQ(connection.closed_code, 4123);
}

TEST_F(SteeringTest, IsAnsweredWhenTheClientGoesBeforeTheGateOpens) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    steer(event("first"));
    handler->on_closed({});
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_ENOTFOUND)}));
    steer(event("late"));
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_ENOTFOUND)}));
}

TEST_F(SteeringTest, IsAnsweredWhenTheClientGoesBeforeTheHub) {
    open();
    static_cast<Session &>(*handler).steer(
        SubscribeTopics{{"a"}, ""},
        [this](int32_t status, const std::string &) { answers.push_back(std::to_string(status)); });
    handler->on_closed({});
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_ENOTFOUND)}));
    pump();
}

TEST_F(SteeringTest, IsBoundedBeforeTheGateOpens) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    for (int i = 0; i < 257; ++i) steer(event("x"));
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_EAGAIN)}));
    steer(CloseSession{});
    EXPECT_EQ(connection.closed_code, proto::close::kForbidden) << "an end is always possible";
}

TEST_F(SteeringTest, IsNotForWhoIsNotLetInYet) {
    connect();
    steer(CloseSession{});
    EXPECT_EQ(take(), (Lines{std::to_string(WSE_ENOTFOUND)}));
    EXPECT_EQ(connection.closed_code, 0);
}

TEST(TopicLists, AreAllowAndDenyAndNothingElse) {
    const auto lists = parse_topic_lists(R"({"deny":["a*"]})");
    ASSERT_TRUE(lists.ok());
    EXPECT_FALSE(lists->allow);
    EXPECT_EQ(lists->deny, (Lines{"a*"}));
    for (const char *bad : {"[]", "x", R"({"allow":"a"})", R"({"allow":[1]})", R"({"other":[]})"})
        EXPECT_FALSE(parse_topic_lists(bad).ok()) << bad;
}

}  // namespace
}  // namespace wse::session
