// SPDX-License-Identifier: MIT
// A session's subscriptions and publishes.
#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

class TopicsTest : public test::SessionFixture {
protected:
    void subscribe(const std::string &topic) {
        say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":[")" + topic +
            R"("]}})");
    }
    void unsubscribe(const std::string &topic) {
        say(R"({"t":"subscription_update","p":{"action":"unsubscribe","topics":[")" + topic +
            R"("]}})");
    }
};

TEST_F(TopicsTest, AcknowledgesThenDelivers_M7_M11) {
    open();
    subscribe("open");
    publish("open", R"({"n":1})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    const JsonView ack = all[0].root()["p"];
    EXPECT_EQ(ack["success"].boolean(), true);
    EXPECT_EQ(ack["success_topics"].first().string(), "open");
    EXPECT_TRUE(ack["failed_topics"].is_array());
    EXPECT_EQ(all[1].root()["p"]["n"].integer(), 1);
}

TEST_F(TopicsTest, SendsUnstampedWhereThereIsNoHistory_M6) {
    open();
    subscribe("open");
    connection.sent.clear();
    publish("open", "{}");
    const auto event = reply();
    for (const char *stamp : {"tp", "e", "o"}) EXPECT_FALSE(event.root()[stamp]) << stamp;
}

TEST_F(TopicsTest, StampsWithTheTimeOfTheCommit_M17) {
    open();
    subscribe("open");
    connection.sent.clear();
    publish("open", "{}");
    EXPECT_EQ(reply().root()["ts"].string(), format_timestamp(clock.wall_ms()));
}

TEST_F(TopicsTest, SaysThatItCouldNotRecover_M7_M8_M18) {
    open();
    publish("open", "{}");
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"],"recover":true,)"
        R"("recovery":{"open":{"epoch":"00000001","offset":9}}}})");
    const auto ack = reply();
    const JsonView recovery = ack.root()["p"]["recovery"]["open"];
    EXPECT_EQ(recovery["recovered"].boolean(), false);
    EXPECT_EQ(recovery["offset"].integer(), 1);
    EXPECT_EQ(recovery["epoch"].string().value_or("").size(), 8U);
}

TEST_F(TopicsTest, RefusesWhatTheRowsDoNotGrant) {
    open();
    for (const char *topic :
         {"closed", "user:bob:inbox", "closed*", "", "open\\n", "open\\u0000"}) {
        subscribe(topic);
        EXPECT_EQ(reply().root()["p"]["failed_topics"].size(), 1U) << topic;
        EXPECT_EQ(subscribers(topic), 0U);
    }
    subscribe("user:alice:inbox");
    EXPECT_EQ(reply().root()["p"]["success"].boolean(), true);
}

TEST_F(TopicsTest, AcknowledgesPartialFailureAsSuccess) {
    open();
    say(R"({"t":"subscription","p":{"action":"subscribe","topics":["closed","open"]}})");
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["success"].boolean(), true);
    EXPECT_EQ(ack.root()["p"]["failed_topics"].first().string(), "closed");
}

TEST_F(TopicsTest, AnswersAnEmptyListWithoutAnError) {
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":[]}})");
    EXPECT_EQ(type(reply()), "subscription_update");
}

TEST_F(TopicsTest, DeliversOnceToASessionThatSubscribedTwice) {
    open();
    subscribe("open");
    subscribe("open");
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open","open"]}})");
    EXPECT_EQ(subscribers("open"), 1U);
    connection.sent.clear();
    publish("open", "{}");
    EXPECT_EQ(connection.sent.size(), 1U);
}

TEST_F(TopicsTest, LeavesTheSuccessListOfAnUnsubscribeEmpty_M10) {
    open();
    subscribe("open");
    connection.sent.clear();
    unsubscribe("open");
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["action"].string(), "unsubscribe");
    EXPECT_TRUE(ack.root()["p"]["success_topics"].is_array());
    EXPECT_EQ(ack.root()["p"]["success_topics"].size(), 0U);
    publish("open", "{}");
    EXPECT_TRUE(connection.sent.empty());
    EXPECT_EQ(subscribers("open"), 0U);
}

TEST_F(TopicsTest, UndoesASubscriptionThatIsNoLongerWantedWhenItsAnswerComes) {
    open();
    handler->on_text(R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
    handler->on_text(R"({"t":"subscription","p":{"action":"unsubscribe","topics":["open"]}})");
    pump();
    EXPECT_EQ(subscribers("open"), 0U);
    publish("open", "{}");
    EXPECT_EQ(context.fanout.topic_count(), 0U);
}

TEST_F(TopicsTest, CountsSubscribeUnsubscribeSubscribeInOneBreathOnce) {
    open();
    for (const char *action : {"subscribe", "unsubscribe", "subscribe"}) {
        handler->on_text(R"({"t":"subscription","p":{"action":")" + std::string(action) +
                         R"(","topics":["open"]}})");
    }
    pump();
    EXPECT_EQ(subscribers("open"), 1U);
    connection.sent.clear();
    publish("open", "{}");
    EXPECT_EQ(connection.sent.size(), 1U);
}

TEST_F(TopicsTest, MissesNothingBetweenTheAcksOfOneTopicAskedForTwice_M7) {
    open();
    for (int i = 0; i < 2; ++i)
        handler->on_text(R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
    // The hub takes the first request, a message, then the second; its answers come in that order.
    const auto second = std::move(arrivals.back());
    arrivals.pop_back();
    publish("open", R"({"n":1})");
    arrivals.push_back(second);
    pump();
    const auto all = replies();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1].root()["p"]["n"].integer(), 1);
    EXPECT_EQ(subscribers("open"), 1U);
}

TEST_F(TopicsTest, AcknowledgesNoTopicThatWasUnsubscribedMeanwhile_M10) {
    open();
    for (const bool active : {false, true}) {
        if (active) subscribe("open");
        connection.sent.clear();
        handler->on_text(R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
        handler->on_text(R"({"t":"subscription","p":{"action":"unsubscribe","topics":["open"]}})");
        pump();
        for (const auto &ack : replies())
            EXPECT_EQ(ack.root()["p"]["success_topics"].size(), 0U) << active;
        EXPECT_EQ(subscribers("open"), 0U);
    }
}

TEST_F(TopicsTest, UndoesASubscriptionWhoseSessionIsGoneWhenItsAnswerComes) {
    open();
    handler->on_text(R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
    handler->on_closed({});
    handler.reset();
    pump();
    EXPECT_EQ(subscribers("open"), 0U);
}

TEST_F(TopicsTest, LeavesItsTopicsWhenItCloses) {
    open();
    subscribe("open");
    subscribe("open:2");
    handler->on_closed({});
    EXPECT_EQ(subscribers("open") + subscribers("open:2"), 0U);
    EXPECT_EQ(context.fanout.topic_count(), 0U);
}

TEST_F(TopicsTest, LimitsItsSubscriptions) {
    open();
    for (int i = 0; i < 5; ++i) subscribe("open" + std::to_string(i));
    connection.sent.clear();
    subscribe("open5");
    EXPECT_EQ(reply().root()["p"]["failed_topics"].size(), 1U);
    subscribe("open4");  // one it has already is no news
    EXPECT_EQ(reply().root()["p"]["success"].boolean(), true);
}

TEST_F(TopicsTest, TakesWhatItCanOfAListThatIsTooLong_M11) {
    open();
    say(R"({"t":"subscription","p":{"action":"subscribe","topics":)"
        R"(["open1","open2","open3","open4","open5","open6","open7"]}})");
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["success"].boolean(), true);
    EXPECT_EQ(ack.root()["p"]["success_topics"].size(), 5U);
    EXPECT_EQ(ack.root()["p"]["failed_topics"].size(), 2U);
}

TEST_F(TopicsTest, TakesTheGoodTopicsBesideOneThatIsNoText_M11) {
    open();
    say(R"({"t":"subscription","p":{"action":"subscribe","topics":["a\u0000b","open",7]}})");
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["success_topics"].first().string(), "open");
    EXPECT_EQ(ack.root()["p"]["failed_topics"].size(), 2U);
}

TEST_F(TopicsTest, AcknowledgesAHugeListInPartsBelowTheLargestFrame_M15) {
    open();
    std::string topics = R"("closed")";
    for (int i = 0; i < 100'000; ++i) topics += ",\"c" + std::to_string(i) + '"';
    topics += ",\"" + std::string(50'000, '\x7f') + '"';
    say(R"({"t":"subscription","p":{"action":"subscribe","topics":[)" + topics + "]}}");
    size_t failed = 0;
    for (const auto &text : connection.sent) EXPECT_LT(text.size(), 1U << 20);
    for (const auto &ack : replies()) failed += ack.root()["p"]["failed_topics"].size();
    EXPECT_EQ(failed, 100'002U);
}

TEST_F(TopicsTest, AsksTheHubForSoManyTopicsASecond) {
    settings->limits.rate_capacity = 100'000;
    open();
    for (int i = 0; i < 5000; ++i)
        handler->on_text(R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
    EXPECT_EQ(arrivals.size(), 4000U);
    pump();
    EXPECT_EQ(subscribers("open"), 1U);
    subscribe("open");
    EXPECT_EQ(replies().back().root()["p"]["failed_topics"].size(), 1U);
    advance(1000);
    subscribe("open");
    EXPECT_EQ(reply().root()["p"]["failed_topics"].size(), 0U);
}

TEST_F(TopicsTest, AsksNoMoreWhileTheHubOwesItAnswers) {
    settings->limits.rate_capacity = 100'000;
    open();
    for (int second = 0; second < 10; ++second) {
        for (int i = 0; i < 1000; ++i)
            handler->on_text(
                R"({"t":"subscription","p":{"action":"subscribe","topics":["open"]}})");
        clock.advance(1000);
        context.timers.advance(clock.monotonic_ms());
    }
    EXPECT_EQ(arrivals.size(), 4000U);
}

TEST_F(TopicsTest, PassesOverTopicsInTheUrlThatAreNoText) {
    connect("topics=%ff,open");
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{}})");
    connection.sent.clear();
    advance(1100);
    EXPECT_EQ(reply().root()["p"]["failed_topics"].size(), 0U);
    EXPECT_EQ(subscribers("open"), 1U);
}

TEST_F(TopicsTest, RepeatsOnlyTopicsInItsAnswers) {
    open();
    const std::string junk(100'000, 'x');
    for (const std::string start :
         {R"({"t":"sync_request","p":{"topics":[")",
          R"({"t":"subscription","p":{"action":"unsubscribe","topics":[")",
          R"({"t":"subscription","p":{"action":"subscribe","topics":[")"}) {
        say(start + junk + R"("]}})");
        ASSERT_EQ(connection.sent.size(), 1U) << start;
        EXPECT_LT(connection.take()[0].size(), 500U) << start;
    }
    say(R"({"t":"publish","p":{"topic":")" + junk + R"("}})");
    EXPECT_LT(connection.sent[0].size(), 500U);
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
}

TEST_F(TopicsTest, SubscribesTheTopicsInTheUrlAfterASecond) {
    connect("topics=open,closed");
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{}})");
    EXPECT_EQ(subscribers("open"), 0U);
    advance(1100);
    EXPECT_EQ(subscribers("open"), 1U);
}

TEST_F(TopicsTest, ForgetsTheTopicsInTheUrlAfterAnExplicitSubscribe) {
    connect("topics=open");
    auth.answer(module::Identity{"alice", "", 0});
    say(R"({"t":"client_hello","p":{}})");
    subscribe("user:alice:x");
    advance(1100);
    EXPECT_EQ(subscribers("open"), 0U);
}

TEST_F(TopicsTest, SubscribesEverySessionToTheListenersTopics) {
    settings->listeners[0].subscribe = {"user:{sub}:inbox"};
    open();
    EXPECT_EQ(subscribers("user:alice:inbox"), 1U);
}

TEST_F(TopicsTest, PublishesWhereARowGrantsItAndTellsThePosition) {
    open();
    subscribe("open");
    connection.sent.clear();
    say(R"({"t":"publish","id":"m1","p":{"topic":"open","type":"chat","payload":{"x":1.10}}})");
    ASSERT_EQ(connection.sent.size(), 2U);
    EXPECT_NE(connection.sent[0].find(R"("p":{"x":1.10})"), std::string::npos) << "byte for byte";
    const auto all = replies();
    EXPECT_EQ(type(all[0]), "chat");
    EXPECT_EQ(type(all[1]), "publish_ack");
    EXPECT_EQ(all[1].root()["p"]["id"].string(), "m1");
    EXPECT_EQ(all[1].root()["p"]["offset"].integer(), 1);
}

TEST_F(TopicsTest, RefusesPublishes) {
    open();
    auth.denied_topic = "open:denied";
    const std::string large(1200, 'x');
    const struct {
        std::string p;
        std::string_view code;
    } cases[] = {
        {R"({"topic":"closed"})", proto::error::kNotAllowed},
        {R"({"topic":"user:alice:inbox"})", proto::error::kNotAllowed},
        {R"({"topic":"open:denied"})", proto::error::kNotAllowed},
        {R"({"topic":7})", proto::error::kInvalidMessage},
        {R"({})", proto::error::kInvalidMessage},
        {R"({"topic":"open*"})", proto::error::kInvalidMessage},
        {R"({"topic":"open","type":"server_ready"})", proto::error::kInvalidMessage},
        {R"({"topic":"open","payload":")" + large + R"("})", proto::error::kTooLarge},
    };
    for (const auto &[p, expected] : cases) {
        say(R"({"t":"publish","id":"m","p":)" + p + "}");
        EXPECT_EQ(code(reply()), expected) << p;
    }
    EXPECT_EQ(core.topic_count(), 0U);
}

TEST_F(TopicsTest, TellsAPublisherToComeBackWhenTheHubIsFull) {
    open();
    inbox_full = true;
    say(R"({"t":"publish","p":{"topic":"open"}})");
    EXPECT_EQ(code(reply()), proto::error::kUnavailable);
    inbox_full = false;
    is_congested = true;
    say(R"({"t":"publish","p":{"topic":"open"}})");
    EXPECT_EQ(code(reply()), proto::error::kUnavailable);
}

}  // namespace
}  // namespace wse::session
