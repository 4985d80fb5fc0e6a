// SPDX-License-Identifier: MIT
// Publishes that an application is asked about.
#include "support/asking_fixture.h"

namespace wse::session {
namespace {

using AskingPublishTest = test::AskingFixture;

TEST_F(AskingPublishTest, PublishesWhenTheApplicationAgrees) {
    open();
    ask_to_publish("open:a1");
    ASSERT_EQ(app.out.size(), 1U);
    EXPECT_EQ(app.out[0].about, module::About::kPublish);
    EXPECT_EQ(app.out[0].user, "alice");
    EXPECT_EQ(app.out[0].topic, "open:a1");
    EXPECT_EQ(app.out[0].type, "news");
    EXPECT_EQ(app.out[0].data, R"({"n":1})");
    EXPECT_EQ(head("open:a1").offset, 0U);
    answer();
    EXPECT_EQ(answered(), (Ids{"k"}));
    EXPECT_EQ(head("open:a1").offset, 1U);
}

TEST_F(AskingPublishTest, RefusesWhatTheApplicationDeniesOrDoesNotAnswer) {
    open();
    ask_to_publish("open:a1", "k1");
    deny();
    EXPECT_EQ(answered(), (Ids{"k1 NOT_ALLOWED"}));
    for (const wse_status status : {WSE_ETIMEDOUT, WSE_EAGAIN, WSE_EIO, WSE_ETOOBIG}) {
        ask_to_publish("open:a1", "k2");
        answer(Error{status, "?"});
        const auto error = reply();
        EXPECT_EQ(code(error), "BACKEND_UNAVAILABLE");
        EXPECT_TRUE(error.root()["p"]["retry_after"]);
    }
    EXPECT_EQ(head("open:a1").offset, 0U);
    EXPECT_EQ(counters.read(Counter::publish_refused), 5U);
}

TEST_F(AskingPublishTest, DoesNotAskAboutWhatIsRefusedAnyway) {
    open(R"({"wse_topics":{"deny":["open:a2"]}})");
    ask_to_publish("open:a2", "k1");
    say(R"({"t":"publish","id":"k2","p":{"topic":"open:a1","payload":{"x":")" +
        std::string(2000, 'x') + R"("}}})");
    say(R"({"t":"publish","id":"k3","p":{"topic":"open:a1","type":"error"}})");
    auth.denied_topic = "open:a1";
    ask_to_publish("open:a1", "k4");
    EXPECT_EQ(answered().size(), 4U);
    EXPECT_EQ(app.asked, 0U);
}

TEST_F(AskingPublishTest, PublishesWhatTheApplicationMakesOfIt) {
    open();
    subscribe("open:free");
    settings->topics[3].ask = "app";
    settings->topics[3].ask_publish = true;
    lines();
    ask_to_publish("open:free");
    answer(module::Reply{"", R"( {"n":7})", 0});
    EXPECT_EQ(lines(), (Lines{"news 7", "publish_ack"}));
}

TEST_F(AskingPublishTest, RefusesForNowWhatTheApplicationMakesUnsound) {
    open();
    for (const std::string &payload : {std::string("[1]"), std::string(R"("text")"),
                                       "{\"x\":\"" + std::string(1000, 'x') + "\"}"}) {
        ask_to_publish("open:a1", "k");
        answer(module::Reply{"", payload, 0});
        EXPECT_EQ(answered(), (Ids{"k BACKEND_UNAVAILABLE"}));
    }
    EXPECT_EQ(counters.read(Counter::app_unanswered), 3U);
    EXPECT_EQ(head("open:a1").offset, 0U);
}

TEST_F(AskingPublishTest, ShapesWhatTheApplicationHasAgreedTo) {
    std::string seen;
    shape = [&seen](const module::Event &event, module::Shaping &) {
        seen = event.payload;
        return WSE_OK;
    };
    open();
    ask_to_publish("open:a1");
    EXPECT_EQ(seen, "");
    answer(module::Reply{"", R"({"n":7})", 0});
    EXPECT_EQ(seen, R"({"n":7})");
}

TEST_F(AskingPublishTest, KeepsTheOrderOfAClientsPublishes) {
    open();
    ask_to_publish("open:a1", "k1");
    ask_to_publish("open:free", "k2");
    ask_to_publish("open:b1", "k3");
    ask_to_publish("open:a1", "k4");
    EXPECT_EQ(app.out.size(), 2U) << "each is asked about at once";
    other.answer();
    app.answer_newest();
    pump();
    EXPECT_EQ(answered(), Ids{});
    deny();
    EXPECT_EQ(answered(), (Ids{"k1 NOT_ALLOWED", "k2", "k3", "k4"}));
}

TEST_F(AskingPublishTest, LooksAtTheRightsAgainWhenTheAnswerComes) {
    open();
    ask_to_publish("open:a1", "k1");
    ask_to_publish("open:free", "k2");
    say(R"({"t":"auth_refresh","id":"r","p":{"token":"other"}})");
    auth.answer(module::Identity{"alice", R"({"wse_topics":{"allow":["user:*"]}})", 0});
    lines();
    answer();
    EXPECT_EQ(answered(), (Ids{"k1 NOT_ALLOWED", "k2 NOT_ALLOWED"}));
}

TEST_F(AskingPublishTest, LetsOnlySoManyWait) {
    open();
    for (int i = 0; i < 5; ++i) ask_to_publish("open:a1", "k" + std::to_string(i));
    EXPECT_EQ(answered(), (Ids{"k4 BACKEND_BUSY"}));
    for (int i = 0; i < 4; ++i) answer();
    EXPECT_EQ(answered(), (Ids{"k0", "k1", "k2", "k3"}));
}

TEST_F(AskingPublishTest, LetsOnlySoManyBytesWait) {
    settings->limits.max_publish_size = 900'000;
    open();
    const std::string large = R"(,"more":")" + std::string(600'000, 'x') + '"';
    ask_to_publish("open:a1", "k1", large);
    ask_to_publish("open:a1", "k2", large);
    EXPECT_EQ(answered(), (Ids{"k2 BACKEND_BUSY"}));
    answer();
    EXPECT_EQ(answered(), (Ids{"k1"}));
}

TEST_F(AskingPublishTest, IsAskedAboutWhatComesInABatchAndBeforeTheHello) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    say(publication("open:a1", "k1"));
    say(R"({"t":"client_hello","p":{}})");
    say(R"({"t":"batch","p":{"messages":[)" + publication("open:a1", "k2") + "]}}");
    EXPECT_EQ(app.out.size(), 2U);
    lines();
    answer();
    answer();
    EXPECT_EQ(answered(), (Ids{"k1", "k2"}));
}

TEST_F(AskingPublishTest, DoesNotAskAboutWhatTheServerPublishes) {
    open();
    subscribe("open:free");
    publish("open:a1", "{}");
    EXPECT_EQ(head("open:a1").offset, 1U);
    EXPECT_EQ(app.asked, 0U);
}

}  // namespace
}  // namespace wse::session
