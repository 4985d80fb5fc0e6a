// SPDX-License-Identifier: MIT
// Tokens that end, are replaced or revoked while their session goes on.
#include "proto/codes.h"
#include "session/shared.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kRefresh = R"({"t":"auth_refresh","id":"r","p":{"token":"newer"}})";

class Credentials : public test::SessionFixture {
protected:
    // A session past its hello whose token has so long to live.
    Session &open_for(uint64_t life_ms, const char *hello = R"({"auth_refresh":true})") {
        Session &session = connect();
        auth.answer(module::Identity{"alice", "", clock.wall_ms() + life_ms});
        say(std::string(R"({"t":"client_hello","p":{"features":)") + hello + "}}");
        connection.sent.clear();
        return session;
    }
    void subscribe(const std::string &topic) {
        say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":[")" + topic +
            R"("]}})");
        connection.sent.clear();
    }
    size_t notices() {
        size_t count = 0;
        for (const auto &message : replies()) count += type(message) == "auth_expiring" ? 1 : 0;
        return count;
    }
};

TEST_F(Credentials, AreAskedForAMinuteBeforeTheyEnd) {
    open_for(130'000);
    advance(39'000);
    handler->on_activity();
    advance(30'900);
    EXPECT_EQ(notices(), 0U);
    handler->on_activity();
    advance(200);
    EXPECT_EQ(notices(), 1U);
    handler->on_activity();
    advance(30'000);
    EXPECT_EQ(notices(), 0U);
}

TEST_F(Credentials, AreAskedForAtHalfOfAShortLife) {
    open_for(10'000);
    advance(4900);
    EXPECT_EQ(notices(), 0U);
    advance(200);
    EXPECT_EQ(notices(), 1U);
    advance(5000);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(Credentials, AreNotAskedForWhereTheClientDidNotSaySo) {
    open_for(10'000, "{}");
    advance(9000);
    EXPECT_EQ(notices(), 0U);
    advance(1100);
    EXPECT_EQ(connection.closed_reason, "token expired");
    EXPECT_EQ(counters.read(Counter::sessions_expired), 1U);
}

TEST_F(Credentials, LiveOnWithAnotherToken) {
    open_for(10'000);
    say(kRefresh);
    EXPECT_EQ(auth.credential, "newer");
    EXPECT_EQ(auth.source, module::Credential::kBearer);
    const uint64_t expires = clock.wall_ms() + 30'000;
    auth.answer(module::Identity{"alice", "", expires});
    const auto answer = reply();
    EXPECT_EQ(type(answer), "auth_refreshed");
    EXPECT_EQ(answer.root()["p"]["expires_at"].integer(), static_cast<int64_t>(expires));
    advance(20'000);
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_EQ(notices(), 1U);
    advance(10'100);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(Credentials, AreReplacedWhenTheGateOpensIfThatWasAskedBefore) {
    Session &session = connect();
    auth.answer(module::Identity{"alice", "", clock.wall_ms() + 30'000});
    say(kRefresh);
    EXPECT_FALSE(auth.done) << "nobody is asked yet";
    advance(1000);
    EXPECT_TRUE(session.is_open());
    auth.answer(module::Identity{"alice", "", clock.wall_ms() + 60'000});
    handler->on_activity();
    advance(31'000);
    EXPECT_EQ(connection.closed_code, 0);
    handler->on_activity();
    advance(29'000);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(Credentials, StayInForceWhenAnotherTokenIsRefused) {
    open_for(10'000);
    say(kRefresh);
    auth.answer(Error{WSE_EDENIED, "signature"});
    const auto error = reply();
    EXPECT_EQ(code(error), proto::error::kAuthFailed);
    EXPECT_EQ(error.root()["p"]["recoverable"].boolean(), true);
    EXPECT_EQ(connection.closed_code, 0);
    advance(10'100);
    EXPECT_EQ(connection.closed_code, 4401);
}

TEST_F(Credentials, AreOfTheSameUser) {
    open();
    say(kRefresh);
    auth.answer(module::Identity{"bob", "", 0});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(static_cast<Session &>(*handler).row().user, "alice");
}

TEST_F(Credentials, OfAnUnreadableClaimAreRefused) {
    open();
    say(kRefresh);
    auth.answer(module::Identity{"alice", R"({"wse_topics":7})", 0});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
}

TEST_F(Credentials, AreReplacedOneAtATime) {
    open();
    say(kRefresh);
    say(kRefresh);
    EXPECT_EQ(code(reply()), proto::error::kRateLimited);
    auth.answer(module::Identity{"alice", "", 0});
    EXPECT_EQ(type(reply()), "auth_refreshed");
}

TEST_F(Credentials, AreAskedForAgainWhenTheModuleCannotTell) {
    open();
    say(kRefresh);
    auth.answer(Error{WSE_ETIMEDOUT, "late"});
    EXPECT_EQ(code(reply()), proto::error::kUnavailable);
    say(kRefresh);
    auth.answer(module::Identity{"alice", "", 0});
    EXPECT_EQ(type(reply()), "auth_refreshed");
}

TEST_F(Credentials, WithoutATokenAreNoRefresh) {
    open();
    for (const char *payload : {"{}", R"({"token":7})", R"({"token":""})"}) {
        say(std::string(R"({"t":"auth_refresh","p":)") + payload + "}");
        EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
    }
}

TEST_F(Credentials, DropTheQuestionWhenTheClientLeaves) {
    open();
    say(kRefresh);
    handler->on_closed({});
    EXPECT_EQ(auth.done, nullptr);
}

TEST_F(Credentials, TakeTopicsAwayThatTheNewTokenDoesNotGrant) {
    open();
    subscribe("open:a");
    subscribe("open:b");
    say(kRefresh);
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"deny":["open:b"]}})", 0});
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    const JsonView update = all[0].root()["p"];
    EXPECT_EQ(type(all[0]), "subscription_update");
    EXPECT_EQ(update["failed_topics"].first().string(), "open:b");
    EXPECT_EQ(update["success_topics"].size(), 0U);
    EXPECT_EQ(update["reasons"]["open:b"].string(), "not allowed any more");
    EXPECT_EQ(type(all[1]), "auth_refreshed");
    EXPECT_EQ(subscribers("open:b"), 0U);
    publish("open:b", "{}");
    EXPECT_TRUE(connection.sent.empty());
    publish("open:a", "{}");
    EXPECT_EQ(connection.sent.size(), 1U);
}

TEST_F(Credentials, TakeTopicsOutOfAPatternThatStays) {
    open();
    subscribe("open:*");
    publish("open:b", "{}");
    EXPECT_EQ(connection.take().size(), 1U);
    say(kRefresh);
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"deny":["open:b"]}})", 0});
    EXPECT_EQ(type(reply()), "auth_refreshed");
    publish("open:b", "{}");
    EXPECT_TRUE(connection.sent.empty());
}

TEST_F(Credentials, StopAReplayThatIsUnderWay) {
    open();
    subscribe("open:kept");
    // No room but for answers.
    connection.queued = (1 << 20) - 100;
    for (int i = 0; i < 5; ++i) publish("open:kept", R"({"n":1})");
    say(kRefresh);
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"deny":["open:kept"]}})", 0});
    EXPECT_EQ(counters.read(Counter::topics_paused), 1U);
    drain_all();
    for (const auto &message : replies()) EXPECT_NE(type(message), "news");
}

TEST_F(Credentials, WithdrawWhatWaitsOfATopicThatOnlyAPatternBrings) {
    settings->limits.max_outbound_age_ms = 1000;
    open();
    subscribe("open:*");
    connection.queued = 1 << 19;
    publish("open:kept", R"({"n":1})");
    publish("open:kept2", R"({"n":2})");
    publish("open:plain", R"({"n":3})");
    say(kRefresh);
    auth.answer(
        module::Identity{"alice", R"({"wse_topics":{"deny":["open:kept","open:plain"]}})", 0});
    // What has waited too long is paused, and replayed afterwards.
    advance(1100);
    publish("open:kept2", R"({"n":4})");
    drain_all();
    std::vector<int64_t> received;
    for (const auto &message : replies()) {
        if (const auto n = message.root()["p"]["n"].integer()) received.push_back(*n);
    }
    EXPECT_EQ(received, (std::vector<int64_t>{2, 4}));
}

class RevokedTokens : public Credentials {
protected:
    RevokedTokens() { context.shared = &shared; }
    void revoke(Revocation revocation) {
        revocation.made_ms = clock.wall_ms();
        ASSERT_TRUE(shared.revocations.add(revocation, clock.wall_ms()).ok());
    }
    Shared shared{config::Limits{}};
};

TEST_F(RevokedTokens, AreRefusedLikeBadOnes) {
    revoke({.user = "alice", .issued_before_ms = clock.wall_ms()});
    connect();
    auth.answer(module::Identity{"alice", R"({"iat":1})", 0});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(connection.closed_code, 4401);
    EXPECT_EQ(counters.read(Counter::auth_revoked), 1U);
}

TEST_F(RevokedTokens, AreNotThoseIssuedLater) {
    revoke({.user = "alice", .issued_before_ms = 1'000'000});
    connect();
    auth.answer(module::Identity{"alice", R"({"iat":1001})", 0});
    EXPECT_EQ(type(reply()), "server_ready");
}

TEST_F(RevokedTokens, CloseTheirSessions) {
    Session &session = open(R"({"jti":"t1"})");
    EXPECT_FALSE(session.close_revoked({.token = "t2"}));
    EXPECT_TRUE(session.close_revoked({.token = "t1"}));
    EXPECT_EQ(connection.closed_code, 4401);
    EXPECT_EQ(connection.closed_reason, "token revoked");
    EXPECT_EQ(counters.read(Counter::sessions_revoked), 1U);
}

TEST_F(RevokedTokens, DoNotReplaceOthers) {
    open();
    revoke({.token = "t1"});
    say(kRefresh);
    auth.answer(module::Identity{"alice", R"({"jti":"t1"})", 0});
    EXPECT_EQ(code(reply()), proto::error::kAuthFailed);
    EXPECT_EQ(connection.closed_code, 0);
}

}  // namespace
}  // namespace wse::session
