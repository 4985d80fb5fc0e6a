// SPDX-License-Identifier: MIT
// What clients may send: alone, with others of their user or address, and pings.
#include "session/rates.h"

#include "proto/codes.h"
#include "session/shared.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

size_t takes(SharedRates::Share &share, uint64_t now_ms, size_t count) {
    size_t taken = 0;
    for (size_t i = 0; i < count; ++i) taken += share.take(now_ms) ? 1 : 0;
    return taken;
}

TEST(SharedRates, AreOneForAllSessionsOfAName) {
    SharedRates rates(1000, 10);
    const auto one = rates.share("alice", 0);
    const auto other = rates.share("alice", 0);
    const auto stranger = rates.share("bob", 0);
    EXPECT_EQ(takes(*one, 0, 600), 600U);
    // All but the rest of the portion that the first has taken.
    const size_t left = takes(*other, 0, 600);
    EXPECT_GE(left, 390U);
    EXPECT_LE(left, 400U);
    EXPECT_EQ(takes(*stranger, 0, 600), 600U);
}

TEST(SharedRates, RefillWithTime) {
    SharedRates rates(100, 10);
    const auto share = rates.share("alice", 0);
    EXPECT_EQ(takes(*share, 0, 200), 100U);
    EXPECT_EQ(takes(*share, 1000, 200), 10U);
}

TEST(SharedRates, GetBackWhatASessionHasNotUsed) {
    SharedRates rates(10'000, 1);
    auto one = rates.share("alice", 0);
    EXPECT_TRUE(one->take(0));
    one.reset();
    const auto other = rates.share("alice", 0);
    EXPECT_EQ(takes(*other, 0, 20'000), 9'999U);
}

TEST(SharedRates, AreNotEscapedByConnectingAnew) {
    SharedRates rates(100, 1);
    auto share = rates.share("alice", 0);
    EXPECT_EQ(takes(*share, 0, 100), 100U);
    share.reset();
    share = rates.share("alice", 0);
    EXPECT_FALSE(share->take(0));
}

TEST(SharedRates, ForgetThoseThatAreFullAgain) {
    SharedRates rates(10, 10);
    for (int i = 0; i < 5000; ++i) rates.share("user" + std::to_string(i), 5000ULL * i);
    EXPECT_LE(rates.size(), 1025U);
}

TEST(SharedRates, AreNotHeldBackByManySessionsThatDoLittle) {
    SharedRates rates(10'000, 1);
    std::vector<std::unique_ptr<SharedRates::Share>> idle;
    for (int i = 0; i < 1000; ++i) {
        idle.push_back(rates.share("alice", 0));
        EXPECT_TRUE(idle.back()->take(0));
    }
    const auto busy = rates.share("alice", 0);
    EXPECT_GE(takes(*busy, 0, 10'000), 8'500U);
}

TEST(SharedRates, OfNothingAreNone) {
    SharedRates rates(0, 0);
    EXPECT_EQ(rates.share("alice", 0), nullptr);
    SharedRates limited(10, 10);
    EXPECT_EQ(limited.share("", 0), nullptr);
}

TEST(PingRate, AnswersSoManyASecondAndEndsAtTenTimesAsMany) {
    using Verdict = PingRate::Verdict;
    PingRate pings;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(pings.count(10, 5000), Verdict::kAnswer);
    for (int i = 0; i < 90; ++i) EXPECT_EQ(pings.count(10, 5500), Verdict::kPassOver);
    EXPECT_EQ(pings.count(10, 5999), Verdict::kClose);
    EXPECT_EQ(pings.count(10, 6000), Verdict::kAnswer);
}

class Rates : public test::SessionFixture {
protected:
    ~Rates() override { handler.reset(); }  // before what it shares
    static config::Limits limits() {
        config::Limits limits;
        limits.rate_capacity_per_user = 5;
        limits.rate_refill_per_user = 1;
        return limits;
    }
    Shared shared{limits()};
};

TEST_F(Rates, AnswerTenPingsASecond) {
    settings->limits.rate_capacity = 1000;
    settings->limits.ping_rate = 10;
    open();
    for (int i = 0; i < 12; ++i) say(R"({"t":"ping","p":{"timestamp":1}})");
    EXPECT_EQ(replies().size(), 10U);
    EXPECT_EQ(counters.read(Counter::pings_over_rate), 2U);
    advance(1000);
    say(R"({"t":"ping","p":{"timestamp":1}})");
    EXPECT_EQ(type(reply()), "PONG");
}

TEST_F(Rates, CloseWhoFloodsWithControlFrames) {
    settings->limits.ping_rate = 10;
    open();
    for (int i = 0; i < 100; ++i) handler->on_control();
    EXPECT_EQ(connection.closed_code, 0);
    handler->on_control();
    EXPECT_EQ(connection.closed_code, 4429);
    EXPECT_EQ(counters.read(Counter::rate_closed), 1U);
}

TEST_F(Rates, CloseWhoGoesOnFarOverTheRate) {
    open();
    // Twenty at once, and ten times as many that are refused.
    for (int i = 0; i < 219; ++i) say(R"({"t":"PONG"})");
    EXPECT_EQ(connection.closed_code, 0);
    say(R"({"t":"PONG"})");
    EXPECT_EQ(connection.closed_code, 4429);
    EXPECT_EQ(connection.closed_reason, "too many messages");
    EXPECT_EQ(counters.read(Counter::rate_closed), 1U);
}

TEST_F(Rates, OfAUserAreSharedByTheConnections) {
    context.shared = &shared;
    auto other = shared.by_user.share("alice", context.timers.now_ms());
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(other->take(context.timers.now_ms()));
    open();  // whose hello is the fifth
    say(R"({"t":"ping","p":{"timestamp":1}})");
    EXPECT_EQ(code(reply()), proto::error::kRateLimited);
    EXPECT_EQ(counters.read(Counter::rate_limited_user), 1U);
    advance(1000);
    say(R"({"t":"ping","p":{"timestamp":1}})");
    EXPECT_EQ(type(reply()), "PONG");
}

TEST_F(Rates, OfAnAddressAreSharedByTheConnections) {
    auto by_address = limits();
    by_address.rate_capacity_per_user = 0;
    by_address.rate_capacity_per_ip = 1;
    by_address.rate_refill_per_ip = 1;
    Shared of_address(by_address);
    context.shared = &of_address;
    open();
    say(R"({"t":"ping","p":{"timestamp":1}})");
    EXPECT_EQ(code(reply()), proto::error::kRateLimited);
    EXPECT_EQ(counters.read(Counter::rate_limited_ip), 1U);
    handler.reset();
}

TEST_F(Rates, CountWhatAMessageUnpacksTo) {
    layers = {module::Layer::kCompression};
    open();
    const std::string large =
        R"(C:<0>{"t":"PONG","p":{"x":")" + std::string(100'000, 'x') + R"("}})";
    // Seven each; of twenty, the hello has taken one.
    for (int i = 0; i < 2; ++i) say_binary(large);
    EXPECT_EQ(counters.read(Counter::rate_limited), 0U);
    say_binary(large);
    EXPECT_EQ(counters.read(Counter::rate_limited), 1U);
}

TEST_F(Rates, TakeALargeMessageFromAFullBucketHoweverSmall) {
    layers = {module::Layer::kCompression};
    settings->limits.rate_capacity = 5;
    open();
    advance(1000);
    say_binary(R"(C:<0>{"t":"PONG","p":{"x":")" + std::string(500'000, 'x') + R"("}})");
    EXPECT_EQ(counters.read(Counter::rate_limited), 0U);
    say(R"({"t":"PONG"})");
    EXPECT_EQ(counters.read(Counter::rate_limited), 1U);
}

TEST_F(Rates, RefuseTopicsBeyondThoseOfOneRequest) {
    settings->limits.max_topics_per_request = 2;
    open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open1","open2","open3"]}})");
    const auto all = replies();
    std::string taken, refused;
    for (const auto &each : all) {
        const JsonView payload = each.root()["p"];
        for (JsonView t = payload["success_topics"].first(); t; t = t.next()) taken += *t.string();
        for (JsonView t = payload["failed_topics"].first(); t; t = t.next()) refused += *t.string();
    }
    EXPECT_EQ(taken, "open1open2");
    EXPECT_EQ(refused, "open3");
    EXPECT_EQ(counters.read(Counter::topics_over_limit), 1U);
}

}  // namespace
}  // namespace wse::session
