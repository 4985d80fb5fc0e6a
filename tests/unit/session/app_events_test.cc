// SPDX-License-Identifier: MIT
// What a session tells the applications behind the server.
#include "proto/codes.h"
#include "support/fake_apps.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

using Lines = std::vector<std::string>;

class AppEvents : public test::SessionFixture {
protected:
    AppEvents() {
        context.apps = &apps;
        settings->limits.max_topics_per_request = 10;
        settings->limits.max_subscriptions = 10;
    }
    void begin() {
        open();
        apps.take();
    }
    void subscribe(const std::string &topic) {
        say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":[")" + topic +
            R"("]}})");
    }
    void unsubscribe(const std::string &topic) {
        say(R"({"t":"subscription_update","p":{"action":"unsubscribe","topics":[")" + topic +
            R"("]}})");
    }
    std::string reason_of_failure() {
        const auto ack = reply();
        return std::string(ack.root()["p"]["reasons"].first().string().value_or(""));
    }

    test::FakeApps apps;
};

TEST_F(AppEvents, TellOfAClientOnceItIsLetIn) {
    connect();
    EXPECT_EQ(apps.take(), Lines{});
    auth.answer(module::Identity{"alice", R"({"org":7})", 0});
    EXPECT_EQ(apps.take(), (Lines{R"(connect conn alice {"peer":"192.0.2.1","listener":"main",)"
                                  R"("claims":{"org":7}})"}));
    handler->on_closed({.code = 4001, .by_peer = true, .text = "bye"});
    EXPECT_EQ(apps.take(), (Lines{"disconnect 4001 bye"}));
}

TEST_F(AppEvents, HaveTheCookieOfWhoIsAnonymous) {
    settings->listeners[0].anonymous = true;
    auto generation = std::make_shared<Generation>();
    generation->settings = settings;
    generation->authenticators = {nullptr};
    gate = std::make_unique<Gate>(context, generation, 0);
    const net::RequestHead head{"GET", "/wse", "", {{"host", "h"}, {"cookie", R"(a=1; b="2")"}}};
    handler = gate->open(connection, head);
    EXPECT_EQ(apps.take(), (Lines{R"(connect conn  {"peer":"192.0.2.1","listener":"main",)"
                                  R"("claims":{},"cookie":"a=1; b=\"2\""})"}));
}

TEST_F(AppEvents, TellNothingOfWhoIsRefused) {
    connect();
    auth.answer(Error{WSE_EDENIED, "no"});
    handler->on_closed({});
    EXPECT_EQ(apps.take(), Lines{});
}

TEST_F(AppEvents, TurnClientsAwayWhileNoMoreCanBeToldOf) {
    apps.full = true;
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    EXPECT_EQ(code(reply()), proto::error::kBackendBusy);
    EXPECT_EQ(connection.closed_code, proto::close::kTryAgain);
    handler->on_closed({});
    EXPECT_EQ(apps.take(), Lines{});
}

TEST_F(AppEvents, TellOfTheEndOnceHoweverItCame) {
    Session &session = open();
    apps.take();
    session.close(4000, "out");
    session.close(4001, "again");
    EXPECT_EQ(apps.take(), Lines{}) << "before the connection has ended";
    handler->on_closed({.code = 4000, .by_peer = false, .text = "out"});
    handler.reset();
    EXPECT_EQ(apps.take(), (Lines{"disconnect 4000 out"}));
}

TEST_F(AppEvents, AreMessagesOfTypesThatNobodyKnowsHere) {
    begin();
    say(R"({"t":"order","id":"7","p":{"n":1}})");
    EXPECT_EQ(apps.take(), (Lines{R"(message order 7 {"n":1})"}));
    EXPECT_EQ(connection.sent.size(), 0U);
    say(R"({"t":"ping","p":{}})");
    EXPECT_EQ(apps.take(), Lines{}) << "ours";
}

TEST_F(AppEvents, ComeInTheirOrderAlsoBeforeTheHello) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    apps.take();
    say(R"({"t":"first","p":{}})");
    say("second");
    say(R"({"t":"third","p":{}})");
    EXPECT_EQ(apps.take(), (Lines{"message first {}", "text second", "message third {}"}));
}

TEST_F(AppEvents, AreRefusedWhileTheApplicationIsBehind) {
    begin();
    apps.behind = true;
    say(R"({"t":"order","id":"7","p":{}})");
    const auto error = reply();
    EXPECT_EQ(code(error), proto::error::kBackendBusy);
    EXPECT_EQ(error.root()["p"]["details"]["id"].string(), "7");
    EXPECT_TRUE(error.root()["p"]["retry_after"]);
    EXPECT_EQ(counters.read(Counter::app_refused), 1U);
    EXPECT_EQ(apps.take(), Lines{});
}

TEST_F(AppEvents, AreTextsThatAreNoObjects) {
    begin();
    say("hello");
    say("[1,2]");
    EXPECT_EQ(apps.take(), (Lines{"text hello", "text [1,2]"}));
    say(R"({"t":)");
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage) << "meant to be a message";
    EXPECT_EQ(apps.take(), Lines{});
}

TEST_F(AppEvents, AreBytesThatAreNoneOfOurForms) {
    begin();
    say_binary("\xff\x01");
    say_binary("plain");
    say_binary("Q:of nobody here");
    EXPECT_EQ(apps.take(), (Lines{"binary \xff\x01", "binary plain", "binary Q:of nobody here"}));
    say_binary(R"({"t":"order","p":{}})");
    EXPECT_EQ(apps.take(), (Lines{"message order {}"}));
}

TEST_F(AppEvents, OfAKeyAreNotPlain) {
    layers = {module::Layer::kCipher};
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{"encryption_public_key":"key"}})");
    advance(11'000);
    apps.take();
    connection.sent.clear();
    say("plain");
    say_binary("\xff");
    EXPECT_EQ(apps.take(), Lines{});
    EXPECT_EQ(counters.read(Counter::plain_refused), 2U);
}

TEST_F(AppEvents, AreOnlyWhatSomebodyWants) {
    apps.mask = 0;
    begin();
    say(R"({"t":"order","id":"7","p":{}})");
    EXPECT_EQ(code(reply()), proto::error::kUnknownType);
    say("hello");
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
    say_binary("\xff");
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
    subscribe("open");
    EXPECT_EQ(apps.take(), Lines{});
}

TEST_F(AppEvents, AreInABatchLikeAlone) {
    begin();
    say(R"({"t":"batch","p":{"messages":[{"t":"order","id":"1","p":{}},{"t":"x","p":{}}]}})");
    EXPECT_EQ(apps.take(), (Lines{"message order 1 {}", "message x {}"}));
}

TEST_F(AppEvents, AreSubscriptionsThatAreSettled) {
    begin();
    subscribe("open");
    subscribe("secret");
    subscribe("open");
    EXPECT_EQ(apps.take(), (Lines{"subscribe open"}));
    unsubscribe("open");
    unsubscribe("open");
    EXPECT_EQ(apps.take(), (Lines{"unsubscribe open"}));
    subscribe("open");
    apps.take();
    handler->on_closed({});
    EXPECT_EQ(apps.take(), (Lines{"disconnect 1006 "})) << "who has gone has left";
}

TEST_F(AppEvents, HoldSubscriptionsOffThatCouldNotBeToldOf) {
    begin();
    apps.room = 0;
    subscribe("open");
    EXPECT_NE(reason_of_failure().find("behind"), std::string::npos);
    EXPECT_EQ(subscribers("open"), 0U);
}

}  // namespace
}  // namespace wse::session
