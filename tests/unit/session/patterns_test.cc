// SPDX-License-Identifier: MIT
// Subscriptions of patterns: what they bring, and what they must not bring.
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kPattern = "open:kept:*";

class PatternsTest : public test::ReaderFixture {
protected:
    // Where the client stands after it had the pattern for a while.
    proto::Position subscribe_and_leave() {
        subscribe(kPattern);
        lines();
        unsubscribe(kPattern);
        lines();
        return *stream(kPattern).last;
    }
    static std::string recover_all(
        const std::vector<std::pair<std::string, proto::Position>> &known) {
        std::string places;
        for (const auto &[name, at] : known)
            places += (places.empty() ? "" : ",") + place(name, at);
        return R"(,"recover":true,"recovery":{)" + places + "}";
    }
};

TEST_F(PatternsTest, BringsWhatMatches) {
    open();
    subscribe(kPattern);
    publish_many("open:kept:a", 1);
    publish_many("open:other", 1);
    const auto all = lines();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].starts_with("ack open:kept:* open:kept:*@"));
    EXPECT_EQ(all[1], "open:kept:a@1");
    unsubscribe(kPattern);
    publish_many("open:kept:a", 1);
    EXPECT_EQ(lines(), (Lines{"unsubscribed"}));
    EXPECT_EQ(context.fanout.topic_count(), 0U);
}

TEST_F(PatternsTest, BringsAMessageOnceHoweverManySubscriptionsTakeIt) {
    open();
    subscribe(R"("open:kept:*","open:*","open:kept:a")");
    lines();
    publish_many("open:kept:a", 2);
    EXPECT_EQ(lines(), (Lines{"open:kept:a@1", "open:kept:a@2"}));
}

TEST_F(PatternsTest, BringsNothingThatTheTokenDenies) {
    open(R"({"wse_topics":{"allow":["open:*"],"deny":["open:kept:secret*"]}})");
    subscribe(kPattern);
    lines();
    publish_many("open:kept:secret", 1);
    publish_many("open:kept:a", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept:a@1"}));
}

TEST_F(PatternsTest, BringsNothingThatTheAuthModuleDenies) {
    auth.denied_topic = "open:kept:x";
    open();
    subscribe(kPattern);
    lines();
    publish_many("open:kept:x", 1);
    publish_many("open:kept:a", 1);
    EXPECT_EQ(lines(), (Lines{"open:kept:a@1"}));
}

TEST_F(PatternsTest, BringsANoticeAboutThePatternItself) {
    auth.denied_topic = kPattern;  // which is no topic that anybody may have or not
    open();
    subscribe(R"("open:kept:*","open:k*")");
    lines();
    context.on_notice(hub::Notice(kPattern, R"({"t":"place","p":{}})", true));
    context.on_notice(hub::Notice("open:kept:a*", R"({"t":"other","p":{}})", true));
    EXPECT_EQ(lines(), (Lines{"place"}));
}

TEST_F(PatternsTest, BringsNoNoticesOfTopicsThatAreDenied) {
    auth.denied_topic = "open:kept:x";
    open();
    subscribe(kPattern);
    lines();
    for (const char *topic : {"open:kept:x", "open:kept:a"})
        core.subscribe({{1, 7, 1}, {{topic}}, {}, "bob", "{}"});
    pump();
    EXPECT_EQ(lines(), (Lines{"presence_join"}));
}

TEST_F(PatternsTest, TakesWildcardsOfTheRequestForWildcards) {
    open();
    subscribe("user:?????:*");
    EXPECT_TRUE(lines()[0].starts_with("ack user:?????:*"));
    publish("user:carol:inbox", R"({"n":1})");
    publish("user:alice:inbox", R"({"n":2})");
    EXPECT_EQ(lines(), (Lines{"news 2"}));
}

TEST_F(PatternsTest, IsRefusedWhereNoRowGrantsAnythingInIt) {
    open(R"({"wse_topics":{"allow":["open:a*","user:*"]}})");
    for (const char *pattern : {"closed*", "user:bob:*", "open:b*"}) {
        subscribe(pattern);
        EXPECT_EQ(lines(), (Lines{"ack -" + std::string(pattern)})) << pattern;
    }
    subscribe("open:*");
    EXPECT_TRUE(lines()[0].starts_with("ack open:*"));
}

TEST_F(PatternsTest, RecoversFromItsOwnPosition) {
    open();
    publish_many("open:kept:a", 2);
    const auto from = subscribe_and_leave();
    publish_many("open:kept:a", 2);
    publish_many("open:kept:new", 1);
    subscribe(kPattern, recover(kPattern, from));
    auto all = lines();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0], "ack open:kept:* open:kept:*@5+3");
    std::sort(all.begin() + 1, all.end());
    EXPECT_EQ(Lines(all.begin() + 1, all.end()),
              (Lines{"open:kept:a@3", "open:kept:a@4", "open:kept:new@1"}));
}

TEST_F(PatternsTest, TellsWhereEachTopicStandsThatTheClientAskedAbout) {
    open();
    publish_many("open:kept:a", 1);
    const proto::Position seen = head("open:kept:a");
    const auto from = subscribe_and_leave();
    publish_many("open:kept:a", 2);
    subscribe(kPattern, recover_all({{kPattern, from}, {"open:kept:a", seen}}));
    EXPECT_EQ(lines(), (Lines{"ack open:kept:* open:kept:*@3+2 open:kept:a@3+2", "open:kept:a@2",
                              "open:kept:a@3"}));
}

TEST_F(PatternsTest, SaysWhichTopicCouldNotBeRecovered) {
    policies.push_front(
        {"open:kept:s",
         {.history = {.messages = 2, .age_ms = 0, .bytes = 1 << 20}, .slow = proto::Slow::kPause}});
    open();
    publish_many("open:kept:s", 1);
    const proto::Position seen = head("open:kept:s");
    const auto from = subscribe_and_leave();
    publish_many("open:kept:s", 5);
    subscribe(kPattern, recover_all({{kPattern, from}, {"open:kept:s", seen}}));
    EXPECT_EQ(lines(), (Lines{"ack open:kept:* open:kept:*@6 lost open:kept:s@6 lost"}));
    publish_many("open:kept:s", 1);
    lines();
    EXPECT_EQ(stream("open:kept:s").gaps, 0U);
}

TEST_F(PatternsTest, NeitherReplaysNorCountsWhatIsDenied) {
    open(R"({"wse_topics":{"deny":["open:kept:secret"]}})");
    publish_many("open:kept:secret", 1);
    const proto::Position seen = head("open:kept:secret");
    const auto from = subscribe_and_leave();
    publish_many("open:kept:secret", 3);
    publish_many("open:kept:a", 1);
    subscribe(kPattern, recover_all({{kPattern, from}, {"open:kept:secret", seen}}));
    for (const auto &text : connection.sent)
        EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_EQ(lines(), (Lines{"ack open:kept:* open:kept:*@5+1", "open:kept:a@1"}));
}

TEST_F(PatternsTest, ShowsTheStateOfThoseTopicsOnlyThatTheClientMayHave) {
    policies.push_front({"open:state:*", {.retain = hub::Retain::kLast}});
    auth.denied_topic = "open:state:x";
    open();
    publish_many("open:state:x", 1);
    publish_many("open:state:a", 1);
    subscribe("open:state:*");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[1]), "topic_snapshot");
    EXPECT_EQ(all[1].root()["p"]["topic"].string(), "open:state:a");
}

TEST_F(PatternsTest, KeepsATopicBehindThatAPatternWouldTakeFurther_M6) {
    open();
    subscribe("open:kept:a");
    const auto from = subscribe_and_leave();
    stall();
    publish_many("open:kept:a", 50, 500);
    // The client tells where the pattern stood, and not where the topic does.
    subscribe(kPattern, recover(kPattern, {from.epoch, 40}));
    drain_all();
    lines();
    EXPECT_EQ(stream("open:kept:a").gaps, 0U);
    EXPECT_EQ(stream("open:kept:a").last, head("open:kept:a"));
}

}  // namespace
}  // namespace wse::session
