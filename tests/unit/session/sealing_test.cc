// SPDX-License-Identifier: MIT
// Sessions with a cipher, and those of clients of 1.x.
#include "base/base64.h"
#include "base/clock.h"
#include "proto/codes.h"
#include "session/signatures.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

using module::Layer;

constexpr const char *kHello =
    R"({"t":"client_hello","p":{"encryption_public_key":"key","features":{"encryption":true}}})";
constexpr const char *kSubscribe =
    R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:a"]}})";

class SealingTest : public test::SessionFixture {
protected:
    SealingTest() { layers = {Layer::kCipher}; }

    // A session with a key whose moment of quiet is over, and what it sent until then.
    std::vector<std::string> seal() {
        connect();
        auth.answer(module::Identity{"alice", "", 0});
        say(kHello);
        advance(100);
        return connection.take();
    }
    void say_sealed(const std::string &text, int key = 0) {
        say_binary("E:<" + std::to_string(key) + ">" + text);
    }
    static bool is_sealed(const std::string &text) { return text.starts_with("E:"); }
    static bool has(const std::string &text, std::string_view what) {
        return text.find(what) != std::string::npos;
    }
};

TEST_F(SealingTest, AnswersTheHelloInPlainTextAndThenEncrypts) {
    const auto sent = seal();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(has(sent[0], "server_ready"));
    EXPECT_TRUE(has(sent[1], R"("encryption_public_key":"ours")")) << sent[1];
    EXPECT_TRUE(has(sent[1], R"("encryption":true)"));
    say_sealed(kSubscribe);
    publish("open:a", R"({"n":1})");
    for (const auto &text : connection.take()) EXPECT_TRUE(is_sealed(text)) << text;
    EXPECT_EQ(counters.read(Counter::sessions_encrypted), 1U);
}

// Rule M12: the client makes its key of the hello in its own time.
TEST_F(SealingTest, IsQuietForAMomentAfterTheHello) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    say(kSubscribe);
    say(kHello);
    publish("open:a", R"({"n":1})");
    EXPECT_EQ(connection.take().size(), 2U) << "server_ready and server_hello";
    advance(99);
    EXPECT_TRUE(connection.take().empty());
    advance(1);
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(is_sealed(sent[0]) && has(sent[0], "success_topics")) << sent[0];
    EXPECT_TRUE(is_sealed(sent[1]) && has(sent[1], "news")) << sent[1];
}

// Rule M14: what the client asked in plain text before its hello is answered encrypted.
TEST_F(SealingTest, EncryptsTheAnswersToWhatCameBeforeTheKey) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    say(kSubscribe);
    EXPECT_EQ(connection.take().size(), 1U);
    say(kHello);
    advance(100);
    EXPECT_TRUE(is_sealed(connection.sent.back()));
}

// Rule M3.
TEST_F(SealingTest, AnswersPingsInPlainTextHoweverTheyCame) {
    seal();
    say_sealed(R"({"t":"PING","p":{"timestamp":5}})");
    say(R"({"t":"ping","p":{"timestamp":6}})");
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 2U);
    for (const auto &text : sent) EXPECT_TRUE(text.starts_with(R"({"c":"WSE","t":"PONG")")) << text;
}

TEST_F(SealingTest, SendsHeartbeatsInPlainText) {
    seal();
    advance(15000);
    ASSERT_FALSE(connection.sent.empty());
    EXPECT_TRUE(connection.sent.back().starts_with(R"({"c":"WSE","t":"ping")"));
}

TEST_F(SealingTest, TakesWhatWasUnderWayWhenTheKeyCame) {
    seal();
    EXPECT_EQ(connection.pings, 1U);
    say(kSubscribe);
    EXPECT_EQ(subscribers("open:a"), 1U);
}

class PlainAfterTheKey : public SealingTest {
protected:
    void expect_refused() {
        connection.take();
        say(kSubscribe);
        const auto sent = connection.take();
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_TRUE(is_sealed(sent[0]) && has(sent[0], "ENCRYPTION_REQUIRED")) << sent[0];
        EXPECT_EQ(subscribers("open:a"), 0U);
        EXPECT_EQ(counters.read(Counter::plain_refused), 1U);
        EXPECT_EQ(connection.closed_code, 0);
    }
};

TEST_F(PlainAfterTheKey, IsRefusedOnceTheClientHasEncrypted) {
    seal();
    say_sealed(R"({"t":"PING","p":{}})");
    expect_refused();
}

TEST_F(PlainAfterTheKey, IsRefusedOnceTheClientHasTheHello) {
    seal();
    handler->on_pong("something else");
    handler->on_pong("hello");
    expect_refused();
}

TEST_F(PlainAfterTheKey, IsRefusedAfterTenSeconds) {
    seal();
    advance(10'000);
    expect_refused();
}

TEST_F(SealingTest, EndsWhenAMessageCannotBeDecrypted) {
    seal();
    say_binary("E:forged");
    EXPECT_EQ(connection.closed_code, proto::close::kProtocol);
}

// One layer: what is inside is JSON.
TEST_F(SealingTest, UnwrapsOnce) {
    seal();
    say_sealed("E:<0>{}");
    EXPECT_TRUE(has(connection.take().back(), "INVALID_MESSAGE"));
}

TEST_F(SealingTest, EndsWhenNothingCanBeEncrypted) {
    seal();
    say_sealed(kSubscribe);
    connection.take();
    transform_calls.encode_status = WSE_EIO;
    publish("open:a", R"({"n":1})");
    EXPECT_EQ(connection.closed_code, proto::close::kProtocol);
    EXPECT_TRUE(connection.take().empty());
}

TEST_F(SealingTest, GoesOnInPlainTextWithABadKeyAndSaysSo) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.take();
    say(R"({"t":"client_hello","p":{"encryption_public_key":"bad"}})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(code(all[0]), "KEY_EXCHANGE_FAILED");
    EXPECT_EQ(type(all[1]), "server_hello");
    EXPECT_EQ(all[1].root()["p"]["features"]["encryption"].boolean(), false);
}

TEST_F(SealingTest, KeepsItsKeyAtASecondHello) {
    seal();
    say(kHello);
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(has(sent[0], R"("encryption":false)")) << sent[0];
    EXPECT_EQ(transform_calls.opened, 1);
    say_sealed(kSubscribe);
    EXPECT_EQ(subscribers("open:a"), 1U);
}

TEST_F(SealingTest, ChangesItsKeyBehindTheAnswer) {
    seal();
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    say_sealed(R"({"t":"encryption_request","p":{"action":"status"}})", 1);
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(sent[0].starts_with("E:<0>") && has(sent[0], R"("new_public_key":"next")"));
    EXPECT_TRUE(sent[1].starts_with("E:<1>") && has(sent[1], R"("enabled":true)")) << sent[1];
}

TEST_F(SealingTest, ChangesItsKeyOnceASecond) {
    seal();
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})", 1);
    EXPECT_TRUE(has(connection.take().back(), "RATE_LIMITED"));
}

// What was gathered leaves under the key it was meant for.
TEST_F(SealingTest, SendsWhatWasGatheredBeforeTheKeyChanges) {
    seal();
    say_sealed(R"({"t":"config_update","p":{"batching_enabled":true,"batch_size":10}})");
    say_sealed(kSubscribe);
    connection.take();
    publish("open:a", R"({"n":1})");
    publish("open:a", R"({"n":2})");
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(sent[0].starts_with("E:<0>") && has(sent[0], "batch")) << sent[0];
    EXPECT_TRUE(sent[1].starts_with("E:<0>") && has(sent[1], "key_rotation_response")) << sent[1];
}

TEST_F(SealingTest, TellsOfAKeyThatCannotBeChangedYet) {
    seal();
    transform_calls.rekey_status = WSE_EAGAIN;
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    EXPECT_TRUE(has(connection.take().back(), "RATE_LIMITED"));
}

TEST_F(SealingTest, EndsWhenNobodyKnowsWhichKeyCounts) {
    seal();
    transform_calls.rekey_status = WSE_EIO;
    say_sealed(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    EXPECT_EQ(connection.closed_code, proto::close::kProtocol);
}

// Going on in plain text is what the client did not want.
TEST_F(SealingTest, EndsWhenTheCipherCannotBeOpened) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    connection.take();
    transform_calls.open_status = WSE_EIO;
    say(kHello);
    EXPECT_EQ(connection.closed_code, proto::close::kTryAgain);
    EXPECT_TRUE(connection.take().empty());
}

// A late hello: what waits is encrypted when it leaves, so the hello goes in front.
TEST_F(SealingTest, AnswersALateHelloInFrontOfWhatWaits) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    advance(1000);
    say(kSubscribe);
    connection.take();
    connection.stalled = true;
    connection.queued = 600'000;
    publish("open:a", R"({"n":1})");
    EXPECT_TRUE(connection.take().empty());
    say(kHello);
    drain_all();
    advance(100);
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_TRUE(has(sent[0], "server_hello")) << sent[0];
    EXPECT_TRUE(is_sealed(sent[1])) << sent[1];
}

TEST_F(SealingTest, HasNoKeyToChangeWithoutEncryption) {
    open();
    say(R"({"t":"key_rotation_request","p":{"public_key":"next"}})");
    EXPECT_EQ(code(reply()), "ENCRYPTION_REQUIRED");
}

TEST_F(SealingTest, ClosesItsStateWithTheSession) {
    seal();
    handler.reset();
    EXPECT_EQ(transform_calls.closed, 1);
}

class SignedTest : public SealingTest {
protected:
    SignedTest() { settings->listeners[0].signed_types = {"order*"}; }

    std::string publication(const std::string &id, uint64_t time_ms, bool right = true) {
        const std::string time = format_timestamp(time_ms);
        const std::string payload = R"({"topic":"open:a","type":"order.new","payload":{"n":1}})";
        std::string signature =
            test::FakeTransform::signature_of(signed_bytes({"publish", id, time, payload}));
        if (!right) signature += "x";
        return R"({"t":"publish","id":")" + id + R"(","ts":")" + time + R"(","p":)" + payload +
               R"(,"sig":")" + base64(signature) + "\"}";
    }
    std::string answer_to(const std::string &text) {
        say_sealed(text);
        return connection.take().back();
    }
    uint64_t now() const { return clock.wall_ms(); }
};

TEST_F(SignedTest, TakesAMessageWithARightSignatureOnce) {
    seal();
    const std::string text = publication("k1", now());
    EXPECT_TRUE(has(answer_to(text), "publish_ack"));
    EXPECT_TRUE(has(answer_to(text), "SIGNATURE_INVALID")) << "a replay";
    EXPECT_EQ(counters.read(Counter::signatures_refused), 1U);
}

TEST_F(SignedTest, RefusesAWrongSignatureAndNone) {
    seal();
    EXPECT_TRUE(has(answer_to(publication("k1", now(), false)), "SIGNATURE_INVALID"));
    EXPECT_TRUE(has(answer_to(R"({"t":"publish","id":"k","p":{"topic":"open:a","type":"order"}})"),
                    "SIGNATURE_REQUIRED"));
    EXPECT_TRUE(has(answer_to(R"({"t":"publish","id":"k","p":{"topic":"open:a","type":"chat"}})"),
                    "publish_ack"))
        << "another type needs none";
}

// The type is that of the event, however it is given.
TEST_F(SignedTest, RefusesThatTypeInEveryGuise) {
    settings->topics.push_back({.match = "order*", .subscribe = true, .publish = true});
    seal();
    for (const char *text : {
             R"({"t":"publish","id":"k","p":{"topic":"open:a","type":"\u006frder"}})",
             R"({"t":"publish","id":"k","p":{"topic":"open:a","payload":{"event_type":"order"}}})",
             R"({"t":"publish","id":"k","p":{"topic":"open:a","payload":{"type":"order"}}})",
             R"({"t":"publish","id":"k","p":{"topic":"orders"}})",
             R"({"t":"priority_message","p":{"topic":"open:a","type":"order","payload":{}}})",
         })
        EXPECT_TRUE(has(answer_to(text), "SIGNATURE_REQUIRED")) << text;
    say_sealed(
        R"({"t":"batch","p":{"messages":[{"t":"publish","p":{"topic":"open:a","type":"order"}}]}})");
    EXPECT_TRUE(has(connection.take().front(), "SIGNATURE_REQUIRED"));
    EXPECT_EQ(counters.read(Counter::signatures_refused), 6U);
}

TEST_F(SignedTest, SendsNothingOfThatTypeThatCannotBeSigned) {
    seal();
    say_sealed(kSubscribe);
    connection.take();
    transform_calls.sign_status = WSE_EIO;
    core.publish({{1, 0, 0}, {"open:a", "order", "id7", R"({"n":1})", proto::Priority::kNormal}});
    pump();
    EXPECT_TRUE(connection.take().empty());
    EXPECT_EQ(connection.closed_code, proto::close::kProtocol);
}

TEST_F(SignedTest, RefusesAnOldMessage) {
    seal();
    EXPECT_TRUE(has(answer_to(publication("k1", now() - 61'000)), "SIGNATURE_INVALID"));
}

TEST_F(SignedTest, RefusesThatTypeOnAPlainConnection) {
    open();
    say(publication("k1", now()));
    EXPECT_EQ(code(reply()), "SIGNATURE_REQUIRED");
}

TEST_F(SignedTest, SignsWhatItSendsOfThatType) {
    seal();
    say_sealed(kSubscribe);
    connection.take();
    core.publish({{1, 0, 0}, {"open:a", "order", "id7", R"({"n":1})", proto::Priority::kNormal}});
    pump();
    const std::string sent = connection.take().back();
    ASSERT_TRUE(is_sealed(sent));
    const auto document = JsonDocument::parse(sent.substr(5));
    ASSERT_TRUE(document.ok()) << sent;
    const std::string time(document->root()["ts"].string().value_or(""));
    const std::string bytes = signed_bytes({"order", "id7", time, R"({"n":1})"});
    EXPECT_EQ(document->root()["sig"].string(), base64(test::FakeTransform::signature_of(bytes)));
    publish("open:a", R"({"n":1})");
    EXPECT_FALSE(has(connection.take().back(), "\"sig\"")) << "news are not signed";
}

class OldClientTest : public test::SessionFixture {
protected:
    void open_old(const std::string &more = "") {
        connect("client_version=1.3.1&compression=true" + more);
        auth.answer(module::Identity{"alice", "", 0});
    }
};

TEST_F(OldClientTest, GetsTheCategoryInFrontOfEveryMessage) {
    open_old();
    say(R"(WSE{"t":"client_hello","p":{}})");
    say(R"(WSE{"t":"subscription_update","p":{"action":"subscribe","topics":["open:a"]}})");
    publish("open:a", R"({"n":1})");
    say(R"(WSE{"t":"PING","p":{"timestamp":5}})");
    const auto sent = connection.take();
    ASSERT_EQ(sent.size(), 5U);
    EXPECT_TRUE(sent[0].starts_with(R"(WSE{"t":"server_ready")"));
    EXPECT_TRUE(sent[1].starts_with(R"(WSE{"t":"server_hello")"));
    EXPECT_TRUE(sent[2].starts_with(R"(WSE{"t":"subscription_update")"));
    EXPECT_TRUE(sent[3].starts_with(R"(U{"t":"news")"));
    EXPECT_TRUE(sent[4].starts_with(R"(WSE{"t":"PONG")"));
    EXPECT_EQ(connection.binary, 0U);
    for (const auto &text : sent) EXPECT_EQ(text.find("\"seq\""), std::string::npos);
}

TEST_F(OldClientTest, MaySpeakTheNewerFormAsWell) {
    open_old();
    say(R"({"c":"WSE","t":"client_hello","p":{}})");
    EXPECT_TRUE(connection.take().back().starts_with(R"(WSE{"t":"server_hello")"));
}

TEST_F(OldClientTest, HasTheTopicsOfItsUrlAtOnceAndIsToldSo) {
    open_old("&topics=open%3Aa%2Copen%3Ab");
    say(R"(WSE{"t":"client_hello","p":{}})");
    EXPECT_EQ(subscribers("open:a"), 1U);
    EXPECT_EQ(subscribers("open:b"), 1U);
    EXPECT_NE(connection.take().back().find(R"("success_topics":["open:a","open:b"])"),
              std::string::npos);
}

// A client of 1.x that has had one counts on the next within 40 seconds.
TEST_F(OldClientTest, GetsHeartbeatsByTheirOldNameOrNone) {
    open_old();
    say(R"(WSE{"t":"client_hello","p":{}})");
    connection.take();
    advance(15000);
    EXPECT_TRUE(connection.take().back().starts_with(R"(WSE{"t":"PING")"));
}

TEST_F(OldClientTest, GetsNoHeartbeatsThatComeTooSeldom) {
    settings->keepalive = {.heartbeat_interval_ms = 45'000, .idle_timeout_ms = 100'000};
    open_old();
    say(R"(WSE{"t":"client_hello","p":{}})");
    connection.take();
    advance(50'000);
    EXPECT_TRUE(connection.take().empty());
}

TEST_F(OldClientTest, IsAnsweredAPingInPlainWords) {
    open_old();
    connection.take();
    say("WSE:PING:123");
    EXPECT_EQ(connection.take(), std::vector<std::string>{"PONG:123"});
    say("PING:" + std::string(100, '1'));
    say("PONG:5");
    EXPECT_TRUE(connection.take().empty());
}

}  // namespace
}  // namespace wse::session
