// SPDX-License-Identifier: MIT
// One client that stalls, reads, subscribes and unsubscribes at random: whatever happens, it sees
// no gap, and each loss is told and has a reason.
#include <array>
#include <random>

#include "support/reader_fixture.h"

namespace wse::session {
namespace {

constexpr uint64_t kHistory = 60;
constexpr size_t kMaxOutbound = 4000;
constexpr const char *kPattern = "open:?";
constexpr std::array<const char *, 3> kTopics = {"open:a", "open:b", "open:c"};

class StreamTest : public test::ReaderFixture, public testing::WithParamInterface<uint32_t> {
protected:
    StreamTest() {
        settings->limits.max_outbound_age_ms = 700;
        settings->keepalive.idle_timeout_ms = 1'000'000'000;
        limit_outbound(kMaxOutbound);
        policies.push_front({kPattern,
                             {.history = {.messages = kHistory, .age_ms = 0, .bytes = 1 << 20},
                              .slow = proto::Slow::kPause}});
    }

    using Places = std::map<std::string, proto::Position>;

    size_t below(size_t n) { return random() % n; }
    const char *any_topic() { return kTopics.at(below(kTopics.size())); }

    // The hub takes commands at once; its answers come some time later. They come in the order of
    // the questions.
    void tell(const std::string &text, const Places &from = {}) {
        asked.push_back(from);
        handler->on_activity();
        handler->on_text(text);
    }
    void publish_some() {
        const std::string topic = any_topic();
        for (size_t i = 0, count = below(12); i < count; ++i)
            core.publish({{1, 0, 0},
                          {topic, "news", "id", R"({"x":")" + std::string(below(150), 'x') + "\"}",
                           proto::Priority::kNormal}});
    }
    void arrive_some() {
        for (size_t left = below(20); left > 0 && !arrivals.empty(); --left) {
            const auto next = std::move(arrivals.front());
            arrivals.pop_front();
            next();
        }
    }
    void ask() {
        const std::string topic = any_topic();
        const auto &last = stream(topic).last;
        switch (below(4)) {
            case 0:
                tell(request("subscribe", topic, ""));
                break;
            case 1:
                tell(request("unsubscribe", topic, ""));
                break;
            case 2:
                below(2) == 0 ? tell(request("unsubscribe", kPattern, "")) : ask_pattern();
                break;
            default:
                if (last)
                    tell(request("subscribe", topic, recover(topic, *last)), {{topic, *last}});
        }
    }
    // With everything that has been seen: else a topic would go on later than the client knows.
    void ask_pattern() {
        std::string known;
        Places from;
        for (const auto &[name, seen] : reader.streams) {
            known += (known.empty() ? "" : ",") + place(name, *seen.last);
            from[name] = *seen.last;
        }
        tell(request("subscribe", kPattern, R"(,"recover":true,"recovery":{)" + known + "}"), from);
    }
    void step() {
        switch (below(8)) {
            case 0:
            case 1:
                publish_some();
                break;
            case 2:
            case 3:
                arrive_some();
                break;
            case 4:
                ask();
                break;
            case 5:
                is_reading = below(3) == 0;
                break;
            case 6:
                clock.advance(below(500));
                context.timers.advance(clock.monotonic_ms());
                break;
            default:
                if (!is_reading) break;
                connection.queued = 0;
                handler->on_drained();
        }
    }
    void read() {
        for (const auto &document : replies()) {
            const JsonView payload = document.root()["p"];
            const bool is_ack = type(document) == "subscription_update";
            const JsonView lost = is_ack ? payload["recovery"].first() : JsonView();
            if (lost && payload["success_topics"].size() == 0) {
                expect_reason(std::string(lost.name()), payload);
            } else if (is_ack) {
                for (const auto &[topic, from] : asked.front()) {
                    const auto known = answered.emplace(topic, from).first;
                    known->second.offset = std::min(known->second.offset, from.offset);
                }
                asked.pop_front();
            }
            reader.read(document.root());
        }
    }
    // A loss is told unasked when more has come since than the history holds: since what the client
    // had, or since the least it has asked for while it was behind.
    void expect_reason(const std::string &topic, JsonView ack) {
        const auto head = ack["recovery"][topic]["offset"].integer().value_or(0);
        uint64_t from = stream(topic).last->offset;
        if (answered.contains(topic)) from = std::min(from, answered[topic].offset);
        EXPECT_GT(static_cast<uint64_t>(head), from + kHistory) << topic;
    }
    void check() {
        const SessionRow row = static_cast<Session &>(*handler).row();
        // Acks come on top.
        EXPECT_LE(row.queued_bytes, kMaxOutbound + 20'000);
        if (row.queued_bytes == 0 && row.behind == 0) answered.clear();
        ASSERT_EQ(connection.closed_code, 0);
        for (const char *topic : kTopics) ASSERT_EQ(stream(topic).gaps, 0U) << topic;
    }

    bool is_reading = true;
    std::deque<Places> asked;
    Places answered;
    std::mt19937 random{GetParam()};
};

TEST_P(StreamTest, HasNoGapAndEndsAtTheHead) {
    open();
    connection.stalled = true;
    tell(request("subscribe", kPattern, ""));
    pump();
    for (int i = 0; i < 20'000; ++i) {
        step();
        read();
        check();
        if (HasFatalFailure()) FAIL() << "in step " << i;
    }
    pump();
    drain_all();
    for (const char *topic : kTopics) {
        if (const auto last = stream(topic).last)
            tell(request("subscribe", topic, recover(topic, *last)));
    }
    pump();
    drain_all();
    read();
    EXPECT_EQ(static_cast<Session &>(*handler).row().behind, 0U);
    for (const char *topic : kTopics) {
        EXPECT_EQ(stream(topic).last, head(topic)) << topic;
        EXPECT_GT(stream(topic).accepted.size(), 500U) << topic;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StreamTest, testing::Range(1U, 4U));

}  // namespace
}  // namespace wse::session
