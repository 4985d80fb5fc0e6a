// SPDX-License-Identifier: MIT
// Batches of clients, and those that are gathered for a client.
#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

class ClientBatch : public test::SessionFixture {
protected:
    void SetUp() override { open(); }
    void batch(const std::string &messages) {
        say(R"({"t":"batch","id":"b","p":{"count":1,"messages":[)" + messages + "]}}");
    }
};

TEST_F(ClientBatch, IsTakenInOrderAndSaysWhatWasTaken) {
    batch(R"({"t":"ping","p":{"timestamp":1}},{"t":"nonsense"},{"t":"ping","p":{"timestamp":2}})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].root()["p"]["client_timestamp"].integer(), 1);
    EXPECT_EQ(all[1].root()["p"]["client_timestamp"].integer(), 2);
    const JsonView result = all[2].root()["p"];
    EXPECT_EQ(type(all[2]), "batch_message_result");
    EXPECT_EQ(result["total"].integer(), 3);
    EXPECT_EQ(result["successful"].integer(), 2);
    EXPECT_EQ(result["failed"].integer(), 1);
    const JsonView second = result["results"].first().next();
    EXPECT_EQ(second["index"].integer(), 1);
    EXPECT_EQ(second["success"].boolean(), false);
    EXPECT_EQ(second["code"].string(), proto::error::kUnknownType);
}

TEST_F(ClientBatch, HasNoBatchInside) {
    batch(R"({"t":"batch","p":{"messages":[]}},{"t":"batch_message","p":{"messages":[]}})");
    const auto result = reply();
    EXPECT_EQ(result.root()["p"]["successful"].integer(), 0);
    EXPECT_EQ(result.root()["p"]["failed"].integer(), 2);
    EXPECT_EQ(counters.read(Counter::batches_refused), 2U);
}

TEST_F(ClientBatch, HasAtMostAHundredMessages) {
    std::string many = "{}";
    for (int i = 0; i < 100; ++i) many += ",{}";
    batch(many);
    EXPECT_EQ(code(reply()), proto::error::kTooLarge);
    EXPECT_EQ(counters.read(Counter::batches_refused), 1U);
}

TEST_F(ClientBatch, WithoutAListIsNone) {
    say(R"({"t":"batch_message","p":{"messages":{}}})");
    EXPECT_EQ(code(reply()), proto::error::kInvalidMessage);
}

TEST_F(ClientBatch, CountsEachMessageAgainstTheRate) {
    std::string pongs = R"({"t":"PONG"})";
    for (int i = 1; i < 40; ++i) pongs += R"(,{"t":"PONG"})";
    batch(pongs);
    const auto all = replies();
    const JsonView result = all.back().root()["p"];
    // Of twenty, the hello and the batch itself have taken two.
    EXPECT_EQ(result["successful"].integer(), 18);
    EXPECT_EQ(counters.read(Counter::rate_limited), 22U);
}

class Gathered : public test::SessionFixture {
protected:
    void SetUp() override {
        policies.push_front({"open:plain*", {.slow = proto::Slow::kDropOldest}});
        open();
        say(R"({"t":"subscription_update","p":{"action":"subscribe",)"
            R"("topics":["open:plain","open:plain2","open:kept"]}})");
        say(R"({"t":"config_update","p":{"batching_enabled":true,"batch_size":3}})");
        connection.sent.clear();
    }
};

TEST_F(Gathered, LeaveAsOneWhenThereAreEnough) {
    publish("open:plain", R"({"n":1})");
    publish("open:plain2", R"({"n":2})");
    EXPECT_TRUE(connection.sent.empty());
    publish("open:plain", R"({"n":3})");
    const auto batch = reply();
    EXPECT_EQ(type(batch), "batch");
    EXPECT_EQ(batch.root()["p"]["count"].integer(), 3);
    int64_t n = 0;
    for (JsonView each = batch.root()["p"]["messages"].first(); each; each = each.next())
        EXPECT_EQ(each["p"]["n"].integer(), ++n);
    EXPECT_EQ(n, 3);
}

TEST_F(Gathered, LeaveWhenTheyHaveWaitedLongEnough) {
    publish("open:plain", "{}");
    publish("open:plain", "{}");
    advance(200);
    EXPECT_EQ(type(reply()), "batch");
}

TEST_F(Gathered, NeverHaveAStamp_M9) {
    publish("open:plain", "{}");
    publish("open:plain", "{}");
    publish("open:kept", "{}");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(type(all[0]), "batch");
    EXPECT_EQ(all[1].root()["tp"].string(), "open:kept");
}

TEST_F(Gathered, LeaveBeforeAnythingElse) {
    publish("open:plain", R"({"n":1})");
    say(R"({"t":"ping","p":{"timestamp":1}})");
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    // One alone is no batch.
    EXPECT_EQ(all[0].root()["p"]["n"].integer(), 1);
    EXPECT_EQ(type(all[1]), "PONG");
}

TEST_F(Gathered, LeaveBeforeTheClose) {
    publish("open:plain", "{}");
    static_cast<Session &>(*handler).close(4300, "bye");
    EXPECT_EQ(replies().size(), 1U);
}

TEST_F(Gathered, HaveNoTimeThatHasPassed_M17) {
    say(R"({"t":"config_update","p":{"batch_timeout":5}})");
    connection.sent.clear();
    publish("open:plain", "{}");
    publish("open:plain", "{}");
    advance(5100);
    const auto batch = reply();
    for (JsonView each = batch.root()["p"]["messages"].first(); each; each = each.next())
        EXPECT_FALSE(each["ts"]);
}

TEST_F(Gathered, AreNoMoreThanMayBeQueued) {
    settings->limits.max_outbound = connection.limit = 8000;
    say(R"({"t":"config_update","p":{"batch_size":10}})");
    connection.sent.clear();
    for (int i = 0; i < 3; ++i)
        publish("open:plain", R"({"x":")" + std::string(1500, 'x') + R"("})");
    EXPECT_EQ(reply().root()["p"]["count"].integer(), 2);
}

TEST_F(Gathered, ThatFindNoRoomBeforeAShareCloseTheSession) {
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:must"]}})");
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:shared"],)"
        R"("queue_group":"g"}})");
    publish("open:must", "{}");
    connection.full = true;
    publish("open:shared", "{}");
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
}

TEST_F(Gathered, AreNotWhereTheClientDoesNotRead) {
    connection.queued = 1 << 19;
    for (int i = 0; i < 5; ++i) publish("open:plain", "{}");
    EXPECT_TRUE(connection.sent.empty());
    drain_all();
    EXPECT_EQ(connection.sent.size(), 5U);
}

}  // namespace
}  // namespace wse::session
