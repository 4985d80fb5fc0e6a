// SPDX-License-Identifier: MIT
// Subscriptions with a filter: what they bring, what the client is told of them, and that it is
// done once for all who want the same.
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kTopic = "open:kept:a";

class FilteredTest : public test::ReaderFixture {
protected:
    FilteredTest() {
        with_filters = true;
        settings->limits.rate_capacity = 1000;
    }
    static std::string filter(const std::string &criteria) { return R"(,"filter":)" + criteria; }
    void publish_n(const std::string &topic, int n) {
        publish(topic, R"({"n":)" + std::to_string(n) + "}");
    }
    std::string reason(const std::string &topic) {
        const auto document = reply();
        return std::string(document.root()["p"]["reasons"][topic].string().value_or(""));
    }
};

TEST_F(FilteredTest, BringsWhatTheFilterTakesWithoutStamps) {
    open();
    subscribe(kTopic, filter(R"({"n":2})"));
    EXPECT_EQ(lines(), (Lines{"ack open:kept:a"}));
    for (int n = 1; n <= 3; ++n) publish_n(kTopic, n);
    EXPECT_EQ(lines(), (Lines{"news 2"}));
}

TEST_F(FilteredTest, IsLossyInItsAck) {
    open();
    subscribe(kTopic, filter("{}") + recover(kTopic, {1, 0}));
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["lossy"].first().string(), kTopic);
    EXPECT_EQ(ack.root()["p"]["recovery"][kTopic]["recovered"].boolean(), false);
}

TEST_F(FilteredTest, TakesThePatternsOfTheRequestAsWell) {
    open();
    subscribe(R"("open:kept:*","open:b")", filter(R"({"n":1})"));
    lines();
    for (const char *topic : {"open:kept:a", "open:kept:b", "open:b", "open:c"}) {
        publish_n(topic, 1);
        publish_n(topic, 2);
    }
    EXPECT_EQ(lines(), (Lines{"news 1", "news 1", "news 1"}));
}

TEST_F(FilteredTest, BringsNothingThatTheTokenDenies) {
    open(R"({"wse_topics":{"allow":["open:*"],"deny":["open:kept:secret*"]}})");
    subscribe("open:kept:*", filter(R"({"n":1})"));
    lines();
    publish_n("open:kept:secret", 1);
    publish_n(kTopic, 1);
    EXPECT_EQ(lines(), (Lines{"news 1"}));
}

TEST_F(FilteredTest, GivesWayToASubscriptionThatTakesEverything) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    subscribe("open:kept:*");
    lines();
    publish_n(kTopic, 1);
    publish_n(kTopic, 2);
    EXPECT_EQ(lines(), (Lines{"open:kept:a@1", "open:kept:a@2"}));
}

TEST_F(FilteredTest, BringsAMessageOnceWhenTwoFiltersTakeIt) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    subscribe("open:kept:*", filter(R"({"n":2})"));
    subscribe("open:*", filter("{}"));
    lines();
    for (int n = 1; n <= 3; ++n) publish_n(kTopic, n);
    EXPECT_EQ(lines(), (Lines{"news 1", "news 2", "news 3"}));
}

TEST_F(FilteredTest, SharesOneFilterAndReadsAMessageOnce) {
    open();
    test::FakeConnection other;
    const auto joined = join(other, "bob");
    subscribe(R"("open:kept:a","open:kept:*")", filter(R"({"n":1})"));
    joined->on_text(request("subscribe", kTopic, filter(R"({"n":1})")));
    pump();
    EXPECT_EQ(filter_calls.compiled, 1);
    publish_n(kTopic, 2);
    EXPECT_EQ(filter_calls.read, 1);
    EXPECT_EQ(filter_calls.matched, 1);
    EXPECT_EQ(filter_calls.closed, 1);
    publish_n("open:other", 1);
    EXPECT_EQ(filter_calls.read, 1) << "nobody filters that topic";
}

TEST_F(FilteredTest, IsReplacedByAnotherFilter) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    subscribe(kTopic, filter(R"({"n":2})"));
    lines();
    EXPECT_EQ(filter_calls.filters(), 1);
    publish_n(kTopic, 1);
    publish_n(kTopic, 2);
    EXPECT_EQ(lines(), (Lines{"news 2"}));
    EXPECT_EQ(subscribers(kTopic), 1U);
}

TEST_F(FilteredTest, BecomesAStreamFromTheHeadOnWithoutTheFilter) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    publish_n(kTopic, 2);
    lines();
    subscribe(kTopic);
    EXPECT_EQ(lines(), (Lines{"ack open:kept:a open:kept:a@1 lost"}));
    publish_n(kTopic, 2);
    EXPECT_EQ(lines(), (Lines{"open:kept:a@2"}));
    EXPECT_EQ(filter_calls.filters(), 0);
}

TEST_F(FilteredTest, EndsTheStreamThatWasHeldBack) {
    open();
    subscribe(kTopic);
    lines();
    stall();
    publish_many(kTopic, 40, 1000);
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 1U);
    subscribe(kTopic, filter(R"({"n":41})"));
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 0U);
}

TEST_F(FilteredTest, LosesTheOldestWhenTheClientDoesNotRead) {
    open();
    subscribe(kTopic, filter("{}"));
    lines();
    stall();
    publish_many(kTopic, 40, 1000);
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 0U);
    drain_all();
    const Lines all = lines();
    EXPECT_LT(all.size(), 40U);
    EXPECT_EQ(all.back(), "news 40");
    EXPECT_EQ(counters.read(Counter::dropped_oldest), 40 - all.size());
}

TEST_F(FilteredTest, FailsWithTheModulesSentence) {
    open();
    subscribe(kTopic, filter(R"({"bad":1})"));
    EXPECT_EQ(reason(kTopic), "filter: bad is no criterion");
    EXPECT_EQ(subscribers(kTopic), 0U);
}

TEST_F(FilteredTest, FailsWithoutAModuleThatOffersFilters) {
    with_filters = false;
    open();
    subscribe(kTopic, filter("{}"));
    EXPECT_EQ(reason(kTopic), "filter: no module of this server offers filters");
}

TEST_F(FilteredTest, IsAnObjectOfAFewKilobytesAndNotForGroups) {
    open();
    for (const std::string criteria : {R"([1])", R"("x")", "7"}) {
        subscribe(kTopic, filter(criteria));
        EXPECT_EQ(reason(kTopic), "filter: not a JSON object");
    }
    subscribe(kTopic, filter("{\"a\":\"" + std::string(4096, 'x') + "\"}"));
    EXPECT_EQ(reason(kTopic), "filter: longer than 4096 bytes");
    subscribe(kTopic, filter("{}") + R"(,"queue_group":"g")");
    EXPECT_EQ(reason(kTopic), "filter: a queue group takes every event of its topic");
    EXPECT_EQ(filter_calls.filters(), 0);
}

TEST_F(FilteredTest, AreAFewInOneSession) {
    settings->limits.max_subscriptions = 100;
    open();
    for (int n = 0; n < 32; ++n)
        subscribe("open:" + std::to_string(n) + "*", filter("{\"n\":" + std::to_string(n) + "}"));
    connection.sent.clear();
    subscribe(kTopic, filter("{}"));
    EXPECT_EQ(reason(kTopic), "filter: more than 32 different ones in one session");
    subscribe(kTopic, filter("{\"n\":7}"));
    EXPECT_EQ(reason(kTopic), "");
    EXPECT_EQ(filter_calls.filters(), 32);
}

TEST_F(FilteredTest, GoesWithItsLastSubscription) {
    open();
    subscribe(R"("open:a","open:b")", filter("{}"));
    unsubscribe("open:a");
    EXPECT_EQ(filter_calls.filters(), 1);
    handler->on_closed({.code = 1000, .by_peer = true, .text = ""});
    EXPECT_EQ(filter_calls.filters(), 0);
    EXPECT_EQ(context.fanout.topic_count(), 0U);
}

TEST_F(FilteredTest, TakesNothingThatTheModuleCannotRead) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    lines();
    publish(kTopic, R"({"n":1,"x":"unreadable"})");
    EXPECT_EQ(lines(), Lines{});
    EXPECT_EQ(filter_calls.closed, 0);
}

TEST_F(FilteredTest, PassesRetainedStateThroughTheFilter) {
    policies.push_front({"open:state", {.retain = hub::Retain::kLastByKey, .key = "n"}});
    open();
    for (int n = 1; n <= 3; ++n) publish_n("open:state", n);
    subscribe("open:state", filter(R"({"n":2})"));
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    const JsonView events = all[1].root()["p"]["events"];
    EXPECT_EQ(events.size(), 1U);
    EXPECT_EQ(events.first()["p"]["n"].integer(), 2);
}

TEST_F(FilteredTest, HearsOfPresenceAllTheSame) {
    open();
    subscribe(kTopic, filter(R"({"n":1})"));
    lines();
    core.subscribe({{1, 7, 1}, {{kTopic}}, {}, "bob", "{}"});
    pump();
    EXPECT_EQ(lines(), (Lines{"presence_join"}));
}

}  // namespace
}  // namespace wse::session
