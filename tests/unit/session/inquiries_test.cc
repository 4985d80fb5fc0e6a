// SPDX-License-Identifier: MIT
// Questions of clients about their connection, and what they set for it.
#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

class Inquiries : public test::SessionFixture {
protected:
    JsonDocument ask(const std::string &type, const std::string &payload = "{}") {
        say(R"({"t":")" + type + R"(","id":"q","p":)" + payload + "}");
        return reply();
    }
};

TEST_F(Inquiries, AreAnsweredWithTheTypesOfVersion13) {
    open();
    const std::pair<const char *, const char *> kPairs[] = {
        {"health_check", "health_check_response"},
        {"health_check_request", "health_check_response"},
        {"metrics_request", "metrics_response"},
        {"config_request", "config_response"},
        {"connection_state_request", "connection_state_response"},
        {"sequence_stats_request", "sequence_stats_response"},
        {"system_status", "system_status"},
        {"system_status_request", "system_status"},
        {"config_update", "config_update_response"},
    };
    for (const auto &[question, answer] : kPairs) EXPECT_EQ(type(ask(question)), answer);
}

TEST_F(Inquiries, HaveNothingThatIsNull_M16) {
    open();
    for (const char *question : {"health_check", "metrics_request", "config_request",
                                 "connection_state_request", "system_status", "config_update"}) {
        say(std::string(R"({"t":")") + question + R"("})");
        for (const auto &text : connection.take())
            EXPECT_EQ(text.find("null"), std::string::npos) << text;
    }
}

TEST_F(Inquiries, TellOfTheConnectionAlone) {
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    connection.sent.clear();
    const auto state = ask("connection_state_request");
    const JsonView payload = state.root()["p"];
    EXPECT_EQ(payload["state"].string(), "connected");
    EXPECT_EQ(payload["connection_id"].string(), "conn");
    EXPECT_EQ(payload["metrics"]["subscriptions"].integer(), 1);
    const auto health = ask("health_check");
    EXPECT_EQ(health.root()["p"]["status"].string(), "healthy");
    EXPECT_TRUE(health.root()["p"]["diagnostics"].is_object());
}

TEST_F(Inquiries, AboutDebuggingAreForListenersThatAllowThem) {
    open();
    EXPECT_EQ(code(ask("debug_request")), proto::error::kUnknownType);
    settings->listeners[0].debug_messages = true;
    handler.reset();
    open();
    const auto answer = ask("debug_handlers");
    EXPECT_EQ(type(answer), "debug_response");
    EXPECT_EQ(answer.root()["p"]["user_id"].string(), "alice");
    EXPECT_GT(answer.root()["p"]["handlers"].size(), 10U);
}

TEST_F(Inquiries, NeverHaveTheTokenInTheirAnswers) {
    settings->listeners[0].debug_messages = true;
    open(R"({"sub":"alice","secret":"hidden-claim"})");
    for (const char *question : {"debug_request", "config_request", "health_check"}) {
        say(std::string(R"({"t":")") + question + R"("})");
        for (const auto &text : connection.take()) {
            EXPECT_EQ(text.find("secret-token"), std::string::npos);
            EXPECT_EQ(text.find("hidden-claim"), std::string::npos);
        }
    }
}

TEST_F(Inquiries, ShowWhatWasSet) {
    open();
    const auto set = ask("config_update", R"({"compression_enabled":false,"batch_timeout":0.25,)"
                                          R"("compression_threshold":2048,"max_queue_size":100})");
    EXPECT_EQ(set.root()["p"]["success"].boolean(), true);
    EXPECT_EQ(set.root()["p"]["updated_settings"]["compression_threshold"].integer(), 2048);
    const auto shown = ask("config_request");
    EXPECT_EQ(shown.root()["p"]["compression_enabled"].boolean(), false);
    EXPECT_EQ(shown.root()["p"]["compression_threshold"].integer(), 2048);
    EXPECT_EQ(shown.root()["p"]["batch_timeout"].number(), 0.25);
    EXPECT_EQ(shown.root()["p"]["max_queue_size"].integer(), 100);
}

TEST_F(Inquiries, SetNothingWhenOneValueIsOutOfItsRange) {
    open();
    const auto set = ask("config_update", R"({"compression_enabled":false,"batch_size":101})");
    EXPECT_EQ(set.root()["p"]["success"].boolean(), false);
    EXPECT_EQ(set.root()["p"]["updated_settings"].size(), 0U);
    EXPECT_EQ(set.root()["p"]["error"].string(), "batch_size: not a whole number from 1 to 100");
    EXPECT_EQ(ask("config_request").root()["p"]["compression_enabled"].boolean(), true);
}

TEST_F(Inquiries, LimitTheMessagesThatWait) {
    policies.push_front({"open:lossy", {.slow = proto::Slow::kDropOldest}});
    open();
    ask("config_update", R"({"max_queue_size":100})");
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:lossy"]}})");
    connection.sent.clear();
    connection.queued = 1 << 19;  // more than is handed to the socket
    for (int i = 0; i < 150; ++i) publish("open:lossy", "{}");
    EXPECT_EQ(counters.read(Counter::dropped_oldest), 50U);
    drain_all();
    EXPECT_EQ(connection.sent.size(), 100U);
}

TEST_F(Inquiries, HaveMessagesToOneClientGatheredToo) {
    Session &session = open();
    ask("config_update", R"({"batching_enabled":true})");
    const proto::MessageRef message(new proto::Message(
        {{"direct", "notice", "id", "{}", proto::Priority::kNormal}, {}, 0, clock.wall_ms()},
        {.stamped = false, .slow = proto::Slow::kDropLowest}));
    const auto frame = net::Frame::text(proto::bare_event(*message));
    EXPECT_TRUE(session.send_direct(message, frame));
    EXPECT_TRUE(session.send_direct(message, frame));
    EXPECT_TRUE(connection.sent.empty());
    advance(120);
    EXPECT_EQ(type(reply()), "batch");
}

class PriorityMessages : public test::SessionFixture {};

TEST_F(PriorityMessages, AreEventsWithAHighPriorityAndNoAnswer) {
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    connection.sent.clear();
    say(R"({"t":"priority_message","id":"m1","p":{"topic":"open","payload":{"n":1}}})");
    const auto event = reply();
    EXPECT_EQ(type(event), "priority_message");
    EXPECT_EQ(event.root()["id"].string(), "m1");
    EXPECT_EQ(event.root()["pri"].integer(), 8);
    EXPECT_EQ(event.root()["p"]["n"].integer(), 1);
}

TEST_F(PriorityMessages, GoToATopicOfTheUserWithoutOne) {
    settings->topics.insert(settings->topics.begin(),
                            {.match = "priority:{sub}:*", .subscribe = true, .publish = true});
    open();
    say(R"({"t":"subscription_update",)"
        R"("p":{"action":"subscribe","topics":["priority:alice:messages"]}})");
    connection.sent.clear();
    say(R"({"t":"priority_message","p":{"type":"alert","content":"now","priority":10}})");
    const auto event = reply();
    EXPECT_EQ(event.root()["pri"].integer(), 10);
    EXPECT_EQ(event.root()["p"]["type"].string(), "alert");
    EXPECT_EQ(event.root()["p"]["content"].string(), "now");
}

TEST_F(PriorityMessages, NeedTheSameRightAsAPublish) {
    open();
    say(R"({"t":"priority_message","id":"m1","p":{"topic":"user:alice:x","payload":{}}})");
    const auto error = reply();
    EXPECT_EQ(code(error), proto::error::kNotAllowed);
    EXPECT_EQ(error.root()["p"]["details"]["id"].string(), "m1");
    EXPECT_EQ(counters.read(Counter::publish_refused), 1U);
}

}  // namespace
}  // namespace wse::session
