// SPDX-License-Identifier: MIT
// The life of a session: token, greeting, gate, keep-alive, limits, close.
#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

class SessionTest : public test::SessionFixture {};

TEST_F(SessionTest, ReadsNothingUntilTheModuleHasAnswered) {
    connect();
    EXPECT_TRUE(connection.paused);
    EXPECT_TRUE(connection.sent.empty());
    auth.answer(module::Identity{"alice", "", 0});
    EXPECT_FALSE(connection.paused);
}

TEST_F(SessionTest, SendsServerReadyFirst_M1) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    const auto ready = reply();
    EXPECT_EQ(type(ready), "server_ready");
    const JsonView details = ready.root()["p"]["details"];
    EXPECT_EQ(details["connection_id"].string(), "conn");
    EXPECT_EQ(details["user_id"].string(), "alice");
    EXPECT_TRUE(details["features"].is_object());  // M16: never null
}

TEST_F(SessionTest, SendsServerReadyFirstWithoutAuthentication_M1) {
    with_auth = false;
    settings->listeners[0].anonymous = true;
    connect();
    EXPECT_EQ(type(reply()), "server_ready");
}

TEST_F(SessionTest, RefusesEverybodyWhereNobodyCanBeAsked) {
    with_auth = false;
    connect();
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, RefusesABadTokenOnAnAnonymousListener_M5) {
    settings->listeners[0].anonymous = true;
    connect();
    EXPECT_TRUE(connection.sent.empty());
    auth.answer(Error{WSE_EDENIED, "signature"});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, RefusesABadTokenWithAnErrorAnd4401_M5) {
    connect();
    auth.answer(Error{WSE_EDENIED, "signature"});
    const auto error = reply();
    EXPECT_EQ(type(error), "error");
    EXPECT_EQ(code(error), proto::error::kAuthFailed);
    EXPECT_EQ(error.root()["p"]["recoverable"].boolean(), false);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, RefusesForNowWhenTheModuleCannotTell) {
    for (const wse_status status : {WSE_ETIMEDOUT, WSE_EAGAIN, WSE_ECANCELED, WSE_EIO}) {
        connect();
        auth.answer(Error{status, "trouble"});
        const auto error = reply();
        EXPECT_EQ(code(error), proto::error::kUnavailable);
        EXPECT_EQ(error.root()["p"]["recoverable"].boolean(), true);
        // 4401 would make clients throw their tokens away and stay out.
        EXPECT_EQ(connection.closed_code, 1013);
        connection.closed_code = 0;
    }
    EXPECT_EQ(counters.read(Counter::auth_timeouts), 1U);
    EXPECT_EQ(counters.read(Counter::sessions_opened), 0U);
}

TEST_F(SessionTest, RefusesAMalformedTopicClaim) {
    connect();
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"allow":"*"}})", 0});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, DropsTheQuestionWhenTheClientLeavesBeforeTheAnswer) {
    connect();
    handler->on_closed({});
    EXPECT_EQ(auth.done, nullptr);
}

TEST_F(SessionTest, AnswersHelloWithTheLimits) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.sent.clear();
    say(R"({"c":"WSE","t":"client_hello","p":{"client_version":"2.0.7"},"v":1})");
    const auto hello = reply();
    EXPECT_EQ(type(hello), "server_hello");
    EXPECT_EQ(hello.root()["p"]["ping_interval"].integer(), 15000);
    EXPECT_EQ(hello.root()["p"]["limits"]["max_message_size"].integer(), 1 << 20);
}

TEST_F(SessionTest, HoldsSubscribesBackUntilTheHello_M14) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.sent.clear();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    say(R"({"t":"sync_request","p":{"topics":["open"]}})");
    EXPECT_TRUE(connection.sent.empty());
    say(R"({"t":"client_hello","p":{}})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(type(all[0]), "server_hello");
    EXPECT_EQ(type(all[1]), "subscription_update");
    EXPECT_EQ(type(all[2]), "snapshot_complete");
}

TEST_F(SessionTest, OpensTheGateAfterASecondWithoutHello_M14) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.sent.clear();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    advance(900);
    EXPECT_TRUE(connection.sent.empty());
    advance(200);
    EXPECT_EQ(type(reply()), "subscription_update");
}

TEST_F(SessionTest, AnswersPingsInTheWindowClientsLookAt_M2) {
    open();
    for (const char *ping : {R"({"c":"WSE","t":"ping","p":{"timestamp":17}})",
                             R"({"t":"PING","p":{"timestamp":17},"v":1})"}) {
        say(ping);
        ASSERT_EQ(connection.sent.size(), 1U);
        EXPECT_NE(connection.sent[0].substr(0, 25).find(R"("t":"PONG")"), std::string::npos);
        EXPECT_EQ(reply().root()["p"]["client_timestamp"].integer(), 17);
    }
}

TEST_F(SessionTest, PingsInTheWindowClientsLookAt_M2) {
    open();
    advance(15100);
    ASSERT_EQ(connection.sent.size(), 1U);
    EXPECT_NE(connection.sent[0].substr(0, 25).find(R"("t":"ping")"), std::string::npos);
}

TEST_F(SessionTest, ClosesASilentClientWith4408_M4) {
    open();
    advance(60100);
    EXPECT_EQ(connection.closed_code, 4408);
    EXPECT_EQ(counters.read(Counter::idle_closed), 1U);
}

TEST_F(SessionTest, HearsWhatWasSentWhileTheServerStoodStill) {
    open();
    clock.advance(120'000);
    context.timers.advance(clock.monotonic_ms());
    EXPECT_EQ(connection.closed_code, 0);
    handler->on_activity();  // it was waiting in the socket
    advance(1000);
    EXPECT_EQ(connection.closed_code, 0);
}

TEST_F(SessionTest, KeepsAClientThatOnlyAnswersPings) {
    open();
    for (int i = 0; i < 10; ++i) {
        advance(15000);
        handler->on_activity();
    }
    EXPECT_EQ(connection.closed_code, 0);
}

TEST_F(SessionTest, EndsWithItsToken) {
    connect();
    auth.answer(module::Identity{"alice", "", clock.wall_ms() + 20000});
    advance(19900);
    EXPECT_EQ(connection.closed_code, 0);
    advance(200);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, NoticesAnExpiryThatTheWallClockJumpedOver) {
    connect();
    auth.answer(module::Identity{"alice", "", clock.wall_ms() + 3'600'000});
    clock.wall += 7'200'000;
    advance(15100);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(SessionTest, WarnsOnceBelowAFifthAndRefusesOnceWhenEmpty) {
    open();
    for (int i = 0; i < 60; ++i) say(R"({"t":"PONG","p":{}})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[0]), "rate_limit_warning");
    EXPECT_EQ(code(all[1]), proto::error::kRateLimited);
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_GT(counters.read(Counter::rate_limited), 30U);
}

TEST_F(SessionTest, ListensAgainWhenTheBucketHasRefilled) {
    open();
    for (int i = 0; i < 60; ++i) say(R"({"t":"PONG","p":{}})");
    advance(2000);
    connection.sent.clear();
    say(R"({"t":"ping","p":{}})");
    EXPECT_EQ(type(replies().back()), "PONG");
}

TEST_F(SessionTest, ClosesASlowConsumerWith4430) {
    open();
    connection.full = true;
    say(R"({"t":"ping","p":{}})");
    EXPECT_EQ(connection.closed_code, 4430);
}

TEST_F(SessionTest, PublishesNothingWhenTheRateWarningFoundItsQueueFull) {
    open();
    for (int i = 0; i < 15; ++i) say(R"({"t":"PONG","p":{}})");
    connection.full = true;
    say(R"({"t":"publish","p":{"topic":"open"}})");
    ASSERT_EQ(connection.closed_code, 4430);
    EXPECT_EQ(core.topic_count(), 0U);
}

TEST_F(SessionTest, SaysNothingAfterItsClose) {
    open();
    auto &session = static_cast<Session &>(*handler);
    session.close(proto::close::kKilled, "bye");
    say(R"({"t":"ping","p":{}})");
    advance(60000);
    EXPECT_TRUE(connection.sent.empty());
    EXPECT_EQ(connection.closed_code, proto::close::kKilled);
}

TEST_F(SessionTest, AnswersNonsenseWithAnErrorAndGoesOn) {
    open();
    for (const char *text : {"", "{", "[]", "nonsense", R"({"p":{}})", R"({"t":7})", R"({"t":""})",
                             R"({"t":"ping","p":[]})", R"({"t":"ping","t":"ping"})"}) {
        say(text);
        EXPECT_EQ(code(reply()), proto::error::kInvalidMessage) << text;
    }
    EXPECT_EQ(connection.closed_code, 0);
}

TEST_F(SessionTest, AcceptsAnyCategory_M19) {
    open();
    for (const char *text : {R"({"c":"X","t":"ping"})", R"({"c":7,"t":"ping"})", R"({"t":"ping"})",
                             R"(WSE{"t":"ping"})", R"(S{"t":"ping"})", R"(U{"type":"ping"})"}) {
        say(text);
        EXPECT_EQ(type(reply()), "PONG") << text;
    }
}

TEST_F(SessionTest, AcceptsJsonInABinaryFrame) {
    open();
    handler->on_binary(R"({"t":"ping"})");
    EXPECT_EQ(type(reply()), "PONG");
    handler->on_binary("\xff\xfe");
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
}

TEST_F(SessionTest, NamesATypeThatNothingTakes) {
    open();
    say(R"({"t":"mystery","id":"7"})");
    const auto error = reply();
    EXPECT_EQ(code(error), proto::error::kUnknownType);
    EXPECT_EQ(error.root()["p"]["details"]["id"].string(), "7");
}

TEST_F(SessionTest, RepeatsOnlyALabelOfAnUnknownType) {
    open();
    say(R"({"t":"a\u0007)" + std::string(100, 'x') + R"("})");
    const auto error = reply();
    const auto text = error.root()["p"]["message"].string().value_or("");
    EXPECT_LT(text.size(), 80U);
    EXPECT_EQ(text.find('\a'), std::string_view::npos);
}

TEST_F(SessionTest, ErrorsNeverCarryNull_M16) {
    open();
    say("nonsense");
    const auto error = reply();
    EXPECT_TRUE(error.root()["p"]["details"].is_object());
    EXPECT_TRUE(error.root()["p"]["message"].is_string());
}

}  // namespace
}  // namespace wse::session
