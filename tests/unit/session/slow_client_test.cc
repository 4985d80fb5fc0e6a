// SPDX-License-Identifier: MIT
// A client that does not read: what it loses, by the policy of the topic, and what it does not.
#include "proto/codes.h"
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr size_t kMaxOutbound = 26'000;

class SlowClientTest : public test::ReaderFixture {
protected:
    void treat(const std::string &topic, proto::Slow slow, const std::string &key = "") {
        policies.push_front({topic, {.slow = slow, .key = key}});
    }
    SessionRow row() const { return static_cast<Session &>(*handler).row(); }
    // An event that takes about 1000 bytes.
    void publish_one(const std::string &topic, const std::string &members,
                     proto::Priority priority = proto::Priority::kNormal) {
        core.publish({{1, 0, 0},
                      {topic, "news", "id",
                       "{" + members + R"(,"x":")" + std::string(950, 'x') + "\"}", priority}});
        pump();
    }
    // The numbers of the events that the client got, after it has read everything.
    std::vector<int64_t> received() {
        drain_all();
        std::vector<int64_t> all;
        for (const auto &event : replies()) {
            if (const auto number = event.root()["p"]["n"].integer()) all.push_back(*number);
        }
        return all;
    }
    uint64_t total_dropped() const {
        const DropCounts dropped = row().dropped;
        uint64_t total = 0;
        for (const uint64_t count : dropped.counts) total += count;
        return total;
    }
    // Subscribes, and stops reading: there is room for nine events of publish_one().
    void stall_on(const std::string &topics) {
        open();
        subscribe(topics);
        connection.sent.clear();
        stall();
    }
};

TEST_F(SlowClientTest, GetsEverythingAtOnceWhileItReads) {
    open();
    subscribe("open:kept");
    publish_many("open:kept", 100, 1000);
    EXPECT_EQ(lines().size(), 101U);
    EXPECT_EQ(row().queued_bytes, 0U);
}

TEST_F(SlowClientTest, TellsNoTimeThatHasPassedWithoutAStamp_M17) {
    treat("open:l", proto::Slow::kDropOldest);
    stall_on("open:l");
    publish_one("open:l", R"("n":1)");
    advance(1500);
    publish_one("open:l", R"("n":2)");
    drain_all();
    const auto all = replies();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_FALSE(all[0].root()["ts"]);
    EXPECT_TRUE(all[1].root()["ts"]);
}

TEST_F(SlowClientTest, DropsTheOldestForTheNewest) {
    treat("open:l", proto::Slow::kDropOldest);
    stall_on("open:l");
    for (int n = 1; n <= 30; ++n) publish_one("open:l", R"("n":)" + std::to_string(n));
    EXPECT_EQ(row().dropped[Drop::kOldest], 21U);
    EXPECT_EQ(total_dropped(), 21U);
    EXPECT_EQ(counters.read(Counter::dropped_oldest), 21U);
    EXPECT_EQ(received(), (std::vector<int64_t>{22, 23, 24, 25, 26, 27, 28, 29, 30}));
}

TEST_F(SlowClientTest, DropsTheLowestPriorityAndNeverTheHigh) {
    using enum proto::Priority;
    treat("open:l", proto::Slow::kDropLowest);
    stall_on("open:l");
    const proto::Priority levels[] = {kHigh, kLow,    kNormal, kBackground, kCritical, kNormal,
                                      kLow,  kNormal, kNormal, kNormal,     kHigh,     kBackground};
    int n = 0;
    for (const auto level : levels) publish_one("open:l", R"("n":)" + std::to_string(++n), level);
    // The tenth goes in for the fourth, the eleventh for the second; nothing goes for the twelfth.
    EXPECT_EQ(row().dropped[Drop::kLowest], 3U);
    EXPECT_EQ(counters.read(Counter::dropped_lowest), 3U);
    EXPECT_EQ(total_dropped(), 3U);
    EXPECT_EQ(received(), (std::vector<int64_t>{1, 3, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_F(SlowClientTest, KeepsTheLatestOfEachKey) {
    treat("open:c", proto::Slow::kConflate, "k");
    stall_on("open:c");
    for (int n = 1; n <= 30; ++n)
        publish_one("open:c", R"("n":)" + std::to_string(n) + R"(,"k":)" + std::to_string(n % 3));
    EXPECT_EQ(row().dropped[Drop::kConflated], 27U);
    EXPECT_EQ(counters.read(Counter::dropped_conflated), 27U);
    EXPECT_EQ(received(), (std::vector<int64_t>{28, 29, 30}));
}

TEST_F(SlowClientTest, CountsWhatNothingCouldGiveWayTo) {
    treat("open:l", proto::Slow::kDropOldest);
    treat("open:d", proto::Slow::kDisconnect);
    stall_on(R"("open:l","open:d")");
    for (int n = 1; n <= 9; ++n) publish_one("open:d", R"("n":)" + std::to_string(n));
    publish_one("open:l", R"("n":10)");
    EXPECT_EQ(row().dropped[Drop::kRefused], 1U);
    EXPECT_EQ(counters.read(Counter::dropped_refused), 1U);
    EXPECT_EQ(received(), (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST_F(SlowClientTest, SaysWhichTopicsMayLoseMessages) {
    treat("open:l", proto::Slow::kDropOldest);
    open();
    subscribe(R"("open:l","open:kept")");
    const auto ack = reply();
    EXPECT_EQ(ack.root()["p"]["lossy"].size(), 1U);
    EXPECT_EQ(ack.root()["p"]["lossy"].first().string(), "open:l");
    EXPECT_FALSE(ack.root()["p"]["recovery"]["open:l"]);
}

TEST_F(SlowClientTest, LosesNothingOfAPausedTopicOverSeveralStalls) {
    open();
    subscribe("open:kept");
    for (int i = 0; i < 5; ++i) {
        stall();
        publish_many("open:kept", 60, 900);
        EXPECT_EQ(row().behind, 1U);
        drain();
        publish_many("open:kept", 5, 900);
        drain_all();
        EXPECT_EQ(row().behind, 0U);
        lines();
    }
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 325));
    EXPECT_EQ(stream("open:kept").gaps, 0U);
    EXPECT_EQ(stream("open:kept").repeats, 0U);
    EXPECT_EQ(total_dropped(), 0U);
    EXPECT_GE(counters.read(Counter::topics_paused), 5U);
}

TEST_F(SlowClientTest, PausesATopicForItselfAlone) {
    treat("open:l", proto::Slow::kDropOldest);
    stall_on(R"("open:kept","open:l")");
    publish_many("open:kept", 30, 900);
    publish_one("open:l", R"("n":7)");
    connection.stalled = false;
    connection.queued = 0;
    handler->on_drained();  // the replay is asked for, and has not come
    publish_one("open:l", R"("n":8)");
    EXPECT_NE(connection.sent.back().find(R"("n":8)"), std::string::npos);
}

TEST_F(SlowClientTest, ClosesWhereTheTopicSaysSo) {
    treat("open:d", proto::Slow::kDisconnect);
    stall_on("open:d");
    for (int n = 1; n <= 9; ++n) publish_one("open:d", R"("n":)" + std::to_string(n));
    EXPECT_EQ(connection.closed_code, 0);
    publish_one("open:d", R"("n":10)");
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
    EXPECT_EQ(counters.read(Counter::slow_closed), 1U);
    EXPECT_TRUE(connection.sent.empty()) << "what waited is not sent to one that does not read";
    EXPECT_EQ(subscribers("open:d"), 0U);
}

TEST_F(SlowClientTest, ClosesOnlyTheSlowOne) {
    treat("open:d", proto::Slow::kDisconnect);
    stall_on("open:d");
    test::FakeConnection reading;
    const auto bob = join(reading, "bob");
    bob->on_text(request("subscribe", "open:d", ""));
    pump();
    reading.sent.clear();
    for (int n = 1; n <= 20; ++n) publish_one("open:d", R"("n":)" + std::to_string(n));
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
    EXPECT_EQ(reading.closed_code, 0);
    EXPECT_EQ(reading.sent.size(), 20U);
}

TEST_F(SlowClientTest, AnswersInOrderWhenItReadsAgain) {
    stall_on("open:kept");
    publish_many("open:kept", 1);
    say(R"({"t":"ping","p":{}})");
    publish_many("open:kept", 1);
    subscribe("closed");
    say(R"({"t":"nonsense","p":{}})");
    EXPECT_TRUE(connection.sent.empty());
    drain_all();
    EXPECT_EQ(lines(),
              (Lines{"open:kept@1", "PONG", "open:kept@2", "ack -closed", "error UNKNOWN_TYPE"}));
}

TEST_F(SlowClientTest, AnswersThoughNoMessageHasRoom) {
    treat("open:d", proto::Slow::kDisconnect);
    stall_on(R"("open:d","open:kept")");
    for (int n = 1; n <= 9; ++n) publish_one("open:d", R"("n":)" + std::to_string(n));
    for (int i = 0; i < 100; ++i) say(R"({"t":"ping","p":{}})");
    EXPECT_EQ(connection.closed_code, 0);
    publish_many("open:kept", 20, 900);
    drain_all();
    const auto all = lines();
    EXPECT_EQ(std::count(all.begin(), all.end(), "PONG"), 100);
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 20));
    EXPECT_EQ(stream("open:kept").gaps, 0U);
}

TEST_F(SlowClientTest, IsClosedWhenItAsksAndAsksWithoutReading) {
    stall_on("open:kept");
    size_t pings = 0;
    while (connection.closed_code == 0 && pings < 100'000) {
        handler->on_text(R"({"t":"ping","p":{"timestamp":12345678901234567890}})");
        ++pings;
    }
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
    EXPECT_GT(pings, 4'000U);
    EXPECT_LT(pings, 50'000U);
    EXPECT_TRUE(connection.sent.empty());
}

TEST_F(SlowClientTest, DropsWhatHasWaitedTooLong) {
    treat("open:l", proto::Slow::kDropOldest);
    settings->limits.max_outbound_age_ms = 1000;
    stall_on("open:l");
    publish_one("open:l", R"("n":1)");
    clock.advance(600);
    context.timers.advance(clock.monotonic_ms());
    publish_one("open:l", R"("n":2)");
    clock.advance(600);
    context.timers.advance(clock.monotonic_ms());
    publish_one("open:l", R"("n":3)");
    EXPECT_EQ(row().dropped[Drop::kAge], 1U);
    EXPECT_EQ(counters.read(Counter::dropped_age), 1U);
    EXPECT_EQ(received(), (std::vector<int64_t>{2, 3}));
}

TEST_F(SlowClientTest, SendsNothingBehindWhatWasTakenOutForItsAge_M6) {
    settings->limits.max_outbound_age_ms = 1000;
    stall_on("open:kept");
    publish_many("open:kept", 3);
    clock.advance(1100);
    context.timers.advance(clock.monotonic_ms());
    publish_many("open:kept", 1);
    EXPECT_EQ(row().behind, 1U);
    drain_all();
    lines();
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 4));
    EXPECT_EQ(stream("open:kept").gaps, 0U);
}

TEST_F(SlowClientTest, LooksAtTheAgeWithEachHeartbeat) {
    settings->limits.max_outbound_age_ms = 1000;
    settings->keepalive.idle_timeout_ms = 100'000;
    stall_on("open:kept");
    publish_many("open:kept", 3);
    advance(16'000);
    EXPECT_EQ(row().behind, 1U);
}

TEST_F(SlowClientTest, ClosesForTheAgeWhereTheTopicSaysSo) {
    treat("open:d", proto::Slow::kDisconnect);
    settings->limits.max_outbound_age_ms = 1000;
    stall_on("open:d");
    publish_one("open:d", R"("n":1)");
    advance(16'000);
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
}

TEST_F(SlowClientTest, ReplaysNoTopicThatIsUnsubscribedWhenItsMessagesAreTooOld) {
    settings->limits.max_outbound_age_ms = 1000;
    stall_on("open:kept");
    publish_many("open:kept", 3);
    unsubscribe("open:kept");
    advance(16'000);
    EXPECT_EQ(row().behind, 0U);
    drain_all();
    for (const auto &line : lines()) EXPECT_FALSE(line.starts_with("open:kept@")) << line;
}

TEST_F(SlowClientTest, GetsWhatWaitsBeforeAnOrderlyClose) {
    stall_on("open:kept");
    publish_many("open:kept", 3);
    static_cast<Session &>(*handler).close(proto::close::kDrain, "draining");
    EXPECT_EQ(lines(), (Lines{"open:kept@1", "open:kept@2", "open:kept@3"}));
    EXPECT_EQ(connection.closed_code, proto::close::kDrain);
}

TEST_F(SlowClientTest, GetsNothingAfterTheClose) {
    treat("open:d", proto::Slow::kDisconnect);
    stall_on(R"("open:d","open:kept")");
    publish_many("open:kept", 30, 900);
    publish_one("open:d", R"("n":10)");
    ASSERT_NE(connection.closed_code, 0);
    say(R"({"t":"ping","p":{}})");
    subscribe("open:kept");
    publish_many("open:kept", 1);
    drain();
    advance(30'000);
    EXPECT_EQ(connection.sent_late, 0U);
    EXPECT_EQ(subscribers("open:kept"), 0U);
}

TEST_F(SlowClientTest, QueuesNoMoreThanTheLimit) {
    treat("open:l", proto::Slow::kDropOldest);
    treat("open:c", proto::Slow::kConflate);
    stall_on(R"("open:kept","open:l","open:c")");
    for (int n = 1; n <= 100; ++n) {
        publish_many("open:kept", 1, static_cast<size_t>(n) * 7);
        publish_one(n % 2 == 0 ? "open:l" : "open:c", R"("n":)" + std::to_string(n));
        EXPECT_LE(row().queued_bytes, kMaxOutbound);
        if (n % 10 == 0) drain();
        EXPECT_LE(row().queued_bytes, kMaxOutbound);
    }
}

TEST_F(SlowClientTest, GetsALargeMessageOnceTheSocketHasRoomForIt) {
    open();
    subscribe("open:kept");
    connection.stalled = true;
    publish_many("open:kept", 1, 9'900);
    for (int i = 0; i < 200; ++i) say(R"({"t":"ping","p":{}})");
    EXPECT_GT(row().queued_bytes, kMaxOutbound - 5'000);
    publish_many("open:kept", 1, 1'000);
    publish_many("open:kept", 1, 18'000);
    publish_many("open:kept", 1);
    drain_all();
    lines();
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 4));
    EXPECT_EQ(stream("open:kept").gaps, 0U);
}

TEST_F(SlowClientTest, PausesForAMessageThatTheSocketHasNoRoomFor) {
    open();
    subscribe("open:kept");
    connection.stalled = true;
    connection.queued = 12'000;  // clear, but not for that much
    publish_many("open:kept", 1, 15'000);
    EXPECT_EQ(connection.closed_code, 0);
    EXPECT_EQ(row().behind, 1U);
    drain_all();
    lines();
    EXPECT_EQ(stream("open:kept").accepted, numbers(1, 1));
}

TEST_F(SlowClientTest, ClosesWhenAPatternBringsMoreTopicsThanCanWait) {
    stall_on("open:kept*");
    auto &session = static_cast<Session &>(*handler);
    const auto frame = net::Frame::text(std::string(kMaxOutbound, 'x'));
    bool goes_on = true;
    for (int n = 0; n <= 20'001 && goes_on; ++n) {
        proto::Record record;
        record.publication.topic = "open:kept" + std::to_string(n);
        record.position = {1, 1};
        const proto::Handling handling{.stamped = true, .slow = proto::Slow::kPause};
        goes_on = session.deliver(
            proto::MessageRef(new proto::Message(std::move(record), handling)), frame, true);
    }
    EXPECT_FALSE(goes_on);
    EXPECT_EQ(row().behind, 20'000U);
    EXPECT_EQ(connection.closed_code, 0) << "whoever delivers closes it, afterwards";
}

}  // namespace
}  // namespace wse::session
