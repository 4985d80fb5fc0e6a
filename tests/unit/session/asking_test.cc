// SPDX-License-Identifier: MIT
// Subscriptions that an application is asked about.
#include "session/asking.h"

#include "session/revocations.h"
#include "support/asking_fixture.h"

namespace wse::session {
namespace {

using AskingTest = test::AskingFixture;

TEST_F(AskingTest, SubscribesWhenTheApplicationAgrees) {
    open();
    subscribe("open:a1", R"(,"params":{"page":2})");
    EXPECT_EQ(lines(), Lines{});
    EXPECT_EQ(subscribers("open:a1"), 0U);
    ASSERT_EQ(app.out.size(), 1U);
    const auto &asked = app.out.front();
    EXPECT_EQ(asked.about, module::About::kSubscribe);
    EXPECT_EQ(asked.connection, "conn");
    EXPECT_EQ(asked.user, "alice");
    EXPECT_EQ(asked.topic, "open:a1");
    EXPECT_EQ(asked.data, R"({"page":2})");
    EXPECT_EQ(asked.deadline_ms, 5000U);
    answer();
    EXPECT_EQ(lines(), (Lines{"ack open:a1"}));
    publish_many("open:a1", 1);
    EXPECT_EQ(lines(), (Lines{"news 1"}));
}

TEST_F(AskingTest, RefusesWhatTheApplicationDenies) {
    open();
    subscribe("open:a1");
    deny();
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["success"].boolean(), false);
    EXPECT_EQ(ack.root()["p"]["reasons"]["open:a1"].string(), "not allowed");
    EXPECT_EQ(subscribers("open:a1"), 0U);
    EXPECT_EQ(counters.read(Counter::subscriptions_refused), 1U);
}

TEST_F(AskingTest, RefusesForNowWhatTheApplicationDoesNotAnswer) {
    open();
    for (const wse_status status : {WSE_ETIMEDOUT, WSE_EAGAIN, WSE_EIO, WSE_ENOTFOUND}) {
        subscribe("open:a1");
        answer(Error{status, "?"});
        const auto all = replies();
        ASSERT_EQ(all.size(), 2U);
        EXPECT_EQ(reader.read(all[0].root()), "ack -open:a1");
        EXPECT_EQ(code(all[1]), "BACKEND_UNAVAILABLE");
        EXPECT_TRUE(all[1].root()["p"]["retry_after"]);
        EXPECT_EQ(subscribers("open:a1"), 0U);
    }
}

TEST_F(AskingTest, DoesNotAskAboutWhatIsRefusedAnyway) {
    open(R"({"wse_topics":{"allow":["open:free*"]}})");
    subscribe(R"("open:a1","closed1","user:bob:1")");
    EXPECT_EQ(lines(), (Lines{"ack -open:a1 -closed1 -user:bob:1"}));
    EXPECT_EQ(app.asked, 0U);
}

TEST_F(AskingTest, AcknowledgesAllTopicsOfARequestTogether) {
    open();
    subscribe(R"("open:a1","open:free","closed1","open:a2","open:b1","open:a1")");
    EXPECT_EQ(app.topics(), (Topics{"open:a1", "open:a2"}));
    EXPECT_EQ(other.topics(), (Topics{"open:b1"}));
    answer();
    deny();
    EXPECT_EQ(lines(), Lines{});
    other.answer();
    pump();
    EXPECT_EQ(lines(), (Lines{"ack open:a1 open:free open:b1 -closed1 -open:a2"}));
}

TEST_F(AskingTest, AsksAboutThePatternAndNotAboutWhatComesThroughIt) {
    open();
    subscribe("open:a*");
    EXPECT_EQ(app.topics(), (Topics{"open:a*"}));
    answer();
    EXPECT_EQ(lines(), (Lines{"ack open:a* open:a*@0 lost"}));
    publish_many("open:a1", 1);
    EXPECT_EQ(lines(), (Lines{"news 1"}));
    EXPECT_EQ(app.asked, 1U);
}

TEST_F(AskingTest, AsksEverybodyWhoseTopicsThePatternMayHave) {
    open();
    for (const bool agrees : {false, true}) {
        subscribe("open:*");
        EXPECT_EQ(app.topics(), (Topics{"open:*"}));
        EXPECT_EQ(other.topics(), (Topics{"open:*"}));
        answer();
        agrees ? other.answer() : other.deny();
        pump();
        EXPECT_EQ(lines(), (Lines{agrees ? "ack open:* open:*@0 lost" : "ack -open:*"}));
    }
    subscribe("open:f*");
    EXPECT_EQ(lines(), (Lines{"ack open:f* open:f*@0 lost"})) << "nobody is asked about those";
}

TEST_F(AskingTest, AsksOnlyAboutWhatTheRowSays) {
    settings->topics = {test::AskingFixture::row("open:a*", "app")};
    settings->topics[0].ask_subscribe = false;
    open();
    subscribe("open:a1");
    EXPECT_EQ(lines(), (Lines{"ack open:a1"}));
    ask_to_publish("open:a1");
    EXPECT_EQ(app.topics(), (Topics{"open:a1"}));
}

TEST_F(AskingTest, AsksAnewEachTime) {
    open();
    for (int times = 1; times <= 2; ++times) {
        subscribe("open:a1");
        answer();
        unsubscribe("open:a1");
    }
    EXPECT_EQ(app.asked, 2U);
    lines();
    subscribe("open:a1");
    deny();
    EXPECT_EQ(lines(), (Lines{"ack -open:a1"}));
}

TEST_F(AskingTest, EndsASubscriptionThatIsDeniedWhenAskedForAgain) {
    open();
    subscribe("open:a1");
    answer();
    subscribe("open:a1");
    fall_silent();
    EXPECT_EQ(subscribers("open:a1"), 1U) << "nothing was said about it";
    subscribe("open:a1");
    deny();
    EXPECT_EQ(subscribers("open:a1"), 0U);
}

TEST_F(AskingTest, GivesThePlaceThatADenialFreesToNothingThatNobodyWasAskedAbout) {
    settings->limits.max_subscriptions = 1;
    open();
    subscribe("open:a1");
    answer();
    lines();
    subscribe(R"("open:a1","open:a2")");
    EXPECT_EQ(app.topics(), (Topics{"open:a1"})) << "there is no room for the other";
    deny();
    EXPECT_EQ(lines(), (Lines{"ack -open:a1 -open:a2"}));
    EXPECT_EQ(subscribers("open:a2"), 0U);
}

TEST_F(AskingTest, LooksAtTheRightsAgainWhenTheAnswerComes) {
    open();
    subscribe(R"("open:a1","open:a2")");
    say(R"({"t":"auth_refresh","id":"r","p":{"token":"other"}})");
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"deny":["open:a1"]}})", 0});
    EXPECT_EQ(lines(), (Lines{"auth_refreshed"})) << "a token does not wait for applications";
    answer();
    answer();
    EXPECT_EQ(lines(), (Lines{"ack open:a2 -open:a1"}));
}

TEST_F(AskingTest, LooksAtTheListsOfABackendWhenTheAnswerComes) {
    Session &session = open();
    subscribe(R"("open:a1","open:a2")");
    ask_to_publish("open:a1");
    session.steer(SetTopicLists{*parse_topic_lists(R"({"deny":["open:a1"]})")},
                  [](int32_t, const std::string &) {});
    for (int i = 0; i < 3; ++i) answer();
    EXPECT_EQ(lines(), (Lines{"ack open:a2 -open:a1", "error NOT_ALLOWED"}));
    EXPECT_EQ(head("open:a1").offset, 0U);
}

TEST_F(AskingTest, DoesNotAskAboutWhatABackendSubscribesButItsNoEndsThat) {
    Session &session = open();
    session.steer(SubscribeTopics{{"open:a1"}, ""}, [](int32_t, const std::string &) {});
    pump();
    EXPECT_EQ(app.asked, 0U);
    EXPECT_EQ(subscribers("open:a1"), 1U);
    subscribe("open:a1");
    deny();
    EXPECT_EQ(subscribers("open:a1"), 0U);
}

TEST_F(AskingTest, GrantsNothingToAClientWhoseTokenWasRevoked) {
    Session &session = open();
    subscribe("open:a1");
    session.close_revoked({.user = "alice", .issued_before_ms = UINT64_MAX});
    EXPECT_TRUE(app.out.empty()) << "nobody waits any more";
    EXPECT_EQ(subscribers("open:a1"), 0U);
    EXPECT_EQ(connection.sent_late, 0U);
}

TEST_F(AskingTest, TakesTheQuestionsBackWhenTheClientGoes) {
    open();
    subscribe(R"("open:a1","open:b1")");
    ask_to_publish("open:a1");
    handler->on_closed({.code = 1006, .by_peer = true, .text = ""});
    EXPECT_TRUE(app.out.empty());
    EXPECT_TRUE(other.out.empty());
}

TEST_F(AskingTest, KeepsTheOrderOfWhatConcernsTopics) {
    settings->limits.ask_pending = 10;
    open();
    subscribe("open:a1");
    ask_to_publish("open:free");
    subscribe("open:free");
    unsubscribe("open:a1");
    say(R"({"t":"sync_request","p":{}})");
    say(R"({"t":"ping","p":{}})");
    EXPECT_EQ(lines(), (Lines{"PONG"})) << "what concerns no topic does not wait";
    answer();
    EXPECT_EQ(lines(),
              (Lines{"unsubscribed", "ack", "publish_ack", "ack open:free", "snapshot_complete"}))
        << "as if all of it had come at once";
    EXPECT_EQ(subscribers("open:a1"), 0U);
    subscribe("open:free2");
    EXPECT_EQ(lines(), (Lines{"ack open:free2"})) << "nothing waits any more";
}

TEST_F(AskingTest, SeesWhatItsClientPublishesBehindTheSubscription) {
    open();
    subscribe("open:a1");
    ask_to_publish("open:a1");
    EXPECT_EQ(app.topics(), (Topics{"open:a1", "open:a1"}))
        << "asked without waiting for the first";
    answer();
    answer();
    EXPECT_EQ(lines(), (Lines{"ack open:a1", "news 1", "publish_ack"}));
}

TEST_F(AskingTest, TakesAnswersInAnyOrder) {
    open();
    subscribe("open:a1");
    subscribe("open:a2");
    app.answer_about("open:a2");
    pump();
    EXPECT_EQ(lines(), Lines{});
    app.answer_about("open:a1");
    pump();
    EXPECT_EQ(lines(), (Lines{"ack open:a1", "ack open:a2"}));
}

TEST_F(AskingTest, HasOnlySoManyQuestionsOutAtOnce) {
    settings->limits.max_subscriptions = 100;
    open();
    subscribe(R"("open:a1","open:a2","open:a3","open:a4","open:a5","open:a6")");
    EXPECT_EQ(app.out.size(), 4U);
    advance(1000);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(app.out.back().deadline_ms, i == 0 ? 5000U : 4000U) << "counted from the message";
        answer();
    }
    EXPECT_EQ(lines(), (Lines{"ack open:a1 open:a2 open:a3 open:a4 open:a5 open:a6"}));
}

TEST_F(AskingTest, RefusesTopicsBeyondTheLimitOfARequestUnasked) {
    settings->limits.max_topics_per_request = 2;
    open();
    subscribe(R"("open:a1","open:a1","open:a2","open:a3")");
    EXPECT_EQ(app.topics(), (Topics{"open:a1", "open:a2"}));
    deny();
    answer();
    EXPECT_EQ(lines(), (Lines{"ack -open:a3", "ack open:a2 -open:a1"}));
}

TEST_F(AskingTest, LetsOnlySoManyMessagesWait) {
    open();
    subscribe("open:a1");
    for (int i = 0; i < 3; ++i) subscribe("open:free");
    EXPECT_EQ(lines(), Lines{});
    subscribe("open:free");
    const auto error = reply();
    EXPECT_EQ(code(error), "BACKEND_BUSY");
    EXPECT_TRUE(error.root()["p"]["retry_after"]);
    answer();
    EXPECT_EQ(lines().size(), 4U);
    subscribe("open:free");
    EXPECT_EQ(lines(), (Lines{"ack open:free"}));
}

TEST_F(AskingTest, IsAskedAboutWhatTheServerSubscribesForAClient) {
    settings->listeners[0].subscribe = {"open:a1", "open:free"};
    Session &session = connect("topics=open:a2");
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{}})");
    EXPECT_EQ(app.topics(), (Topics{"open:a1"}));
    answer();
    EXPECT_EQ(session.topics(), (Topics{"open:a1", "open:free"}));
    advance(1100);
    EXPECT_EQ(app.topics(), (Topics{"open:a2"}));
    deny();
    EXPECT_EQ(session.topics(), (Topics{"open:a1", "open:free"}));
}

TEST_F(AskingTest, TellsNoStateOfTopicsThatItWasNotGranted) {
    policies.push_front({"open:*", {.retain = hub::Retain::kLast}});
    open();
    publish_many("open:a1", 1);
    publish_many("open:free1", 1);
    for (const char *name : {"open:a1", "open:free1", "open:*"})
        say(R"({"t":"sync_request","p":{"topics":[")" + std::string(name) + R"("]}})");
    EXPECT_EQ(lines(), (Lines{"snapshot_complete", "topic_snapshot", "snapshot_complete",
                              "topic_snapshot", "snapshot_complete"}));
    subscribe("open:a*");
    answer();
    lines();
    say(R"({"t":"sync_request","p":{"topics":["open:a1"]}})");
    EXPECT_EQ(lines(), (Lines{"topic_snapshot", "snapshot_complete"}));
}

}  // namespace
}  // namespace wse::session
