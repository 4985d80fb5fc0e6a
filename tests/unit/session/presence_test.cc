// SPDX-License-Identifier: MIT
// What sessions tell of their users, and hear of others.
#include "proto/codes.h"
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr const char *kTopic = "open:kept";
constexpr const char *kPresent = R"(,"presence":{"mood":1})";

class PresenceTest : public test::ReaderFixture {
protected:
    uint64_t present() const { return core.roster(kTopic, 10).total; }
};

TEST_F(PresenceTest, TellsTheSubscribersAndTheJoinerAfterItsAck) {
    open();
    test::FakeConnection other;
    const auto bob = join(other, "bob");
    bob->on_text(request("subscribe", kTopic, ""));
    pump();
    other.sent.clear();
    subscribe(kTopic, kPresent);
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[1]), "presence_join");
    EXPECT_EQ(all[1].root()["p"]["user_id"].string(), "alice");
    EXPECT_EQ(all[1].root()["p"]["data"]["mood"].integer(), 1);
    EXPECT_EQ(other.sent.size(), 1U);
}

TEST_F(PresenceTest, CountsAnUpdateForTheTopicsThatHearOfIt) {
    settings->limits.rate_capacity = 10'000;
    open();
    subscribe(kTopic, kPresent);
    for (int i = 0; i < 4000; ++i) say(R"({"t":"presence_update","p":{"data":{}}})");
    const auto all = replies();
    EXPECT_EQ(code(all.back()), proto::error::kRateLimited);
}

TEST_F(PresenceTest, GivesTheRosterToWhoAsksForIt) {
    open();
    core.subscribe({{1, 7, 1}, {{kTopic}}, {}, "bob", R"({"x":2})"});
    subscribe(kTopic, R"(,"roster":true)");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[1]), "presence_state");
    const JsonView state = all[1].root()["p"];
    EXPECT_EQ(state["count"].integer(), 1);
    EXPECT_EQ(state["users"].first()["user_id"].string(), "bob");
    EXPECT_EQ(state["truncated"].boolean(), false);
}

TEST_F(PresenceTest, CutsARosterBelowTheLargestFrame_M15) {
    limit_outbound(4 << 20);
    open();
    const std::string data = R"({"x":")" + std::string(2000, 'x') + "\"}";
    for (uint64_t user = 0; user < 1000; ++user)
        core.subscribe({{1, 1000 + user, 1}, {{kTopic}}, {}, std::to_string(user), data});
    pump();
    subscribe(kTopic, R"(,"roster":true)");
    ASSERT_EQ(connection.sent.size(), 2U);
    EXPECT_LT(connection.sent[1].size(), 1U << 20);
    const auto all = replies();
    EXPECT_EQ(all[1].root()["p"]["count"].integer(), 1000);
    EXPECT_EQ(all[1].root()["p"]["truncated"].boolean(), true);
}

TEST_F(PresenceTest, PassesOnAnUpdateOfOneTopicOrOfAll) {
    open();
    subscribe(kTopic, kPresent);
    lines();
    say(R"({"t":"presence_update","p":{"topic":"open:kept","data":{"mood":2}}})");
    EXPECT_EQ(lines(), (Lines{"presence_update"}));
    say(R"({"t":"presence_update","p":{"data":{"mood":3}}})");
    EXPECT_EQ(lines(), (Lines{"presence_update"}));
    say(R"({"t":"presence_update","p":{"data":{"mood":3}}})");
    say(R"({"t":"presence_update","p":{"topic":"open:other","data":{"mood":4}}})");
    EXPECT_TRUE(lines().empty()) << "nothing new, and a topic that it is not present on";
}

TEST_F(PresenceTest, TellsTheOthersThatAUserHasLeft) {
    open();
    subscribe(kTopic);
    test::FakeConnection other;
    const auto bob = join(other, "bob");
    bob->on_text(request("subscribe", kTopic, kPresent));
    pump();
    lines();
    bob->on_closed({});
    pump();
    EXPECT_EQ(lines(), (Lines{"presence_leave"}));
}

TEST_F(PresenceTest, StaysWithASessionThatAskedTwiceInOneBreath) {
    open();
    for (int i = 0; i < 2; ++i) handler->on_text(request("subscribe", kTopic, kPresent));
    pump();
    EXPECT_EQ(present(), 1U);
    unsubscribe(kTopic);
    EXPECT_EQ(present(), 0U);
}

TEST_F(PresenceTest, OfNobodyIsIgnored) {
    settings->listeners[0].anonymous = true;
    with_auth = false;
    connect();
    say(R"({"t":"client_hello","p":{}})");
    lines();
    subscribe(kTopic, kPresent);
    EXPECT_EQ(lines().size(), 1U);
    EXPECT_EQ(present(), 0U);
}

TEST_F(PresenceTest, IsOnlyWhereTheTopicHasIt) {
    open();
    subscribe("open:plain", R"(,"presence":{},"roster":true)");
    EXPECT_EQ(lines(), (Lines{"ack open:plain"}));
}

TEST_F(PresenceTest, IsRefusedWhenItIsTooLarge) {
    open();
    const std::string large = R"({"x":")" + std::string(300, 'x') + "\"}";
    subscribe(kTopic, R"(,"presence":)" + large);
    EXPECT_EQ(code(reply()), proto::error::kTooLarge);
    EXPECT_EQ(subscribers(kTopic), 0U);
    say(R"({"t":"presence_update","p":{"data":)" + large + "}}");
    EXPECT_EQ(code(reply()), proto::error::kTooLarge);
}

TEST_F(PresenceTest, NeedsAnObject) {
    open();
    for (const char *payload : {"{}", R"({"data":7})", R"({"data":null})"}) {
        say(R"({"t":"presence_update","id":"q","p":)" + std::string(payload) + "}");
        const auto error = reply();
        EXPECT_EQ(code(error), proto::error::kInvalidMessage) << payload;
        EXPECT_EQ(error.root()["p"]["details"]["id"].string(), "q");
    }
}

}  // namespace
}  // namespace wse::session
