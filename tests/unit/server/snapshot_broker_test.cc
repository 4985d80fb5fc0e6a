// SPDX-License-Identifier: MIT
#include "server/snapshot_broker.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/json.h"
#include "support/fake_clock.h"

namespace wse::server {
namespace {

using proto::Position;

// Answers when the test says so.
class FakeSource final : public module::SnapshotSource {
public:
    struct Question {
        std::string topic, user, params;
        uint64_t offset = 0;
        Done done;
    };
    struct Pending final : module::Pending {
        explicit Pending(FakeSource &asked) : source(asked) { ++source.pending; }
        ~Pending() override { --source.pending; }
        FakeSource &source;
    };

    const std::string &instance_name() const override { return name; }
    bool per_user() const override { return is_per_user; }
    std::unique_ptr<module::Pending> request(const module::SnapshotRequest &request,
                                             Done done) override {
        questions.push_back({std::string(request.topic), std::string(request.user),
                             std::string(request.params), request.position.offset,
                             std::move(done)});
        return std::make_unique<Pending>(*this);
    }
    // The oldest question.
    void answer(const Result<module::Snapshot> &result) {
        const Done done = std::move(questions.front().done);
        questions.pop_front();
        done(result);
    }

    std::string name = "state";
    bool is_per_user = false;
    std::deque<Question> questions;
    int pending = 0;
};

class SnapshotBrokerTest : public testing::Test {
protected:
    SnapshotBrokerTest() { restart({}); }
    void restart(const SnapshotBroker::Limits &limits, bool per_user = false) {
        broker = std::make_unique<SnapshotBroker>(
            service, clock, counters, 1000,
            [this](hub::LoopIndex loop, session::SnapshotDelivery delivery) {
                EXPECT_EQ(loop, delivery.waiters.at(0).loop);
                deliveries.push_back(std::move(delivery));
            },
            limits);
        auto owned = std::make_unique<FakeSource>();
        source = owned.get();
        source->is_per_user = per_user;
        broker->add(std::move(owned));
    }
    ~SnapshotBrokerTest() override { broker->stop(); }

    // Session N is on loop N % 2.
    void ask(uint64_t session, uint64_t offset, bool stamped = true,
             const std::string &user = "alice", const std::string &params = "{}") {
        broker->ask({.origin = {static_cast<hub::LoopIndex>(session % 2), session, session * 10},
                     .instance = "state",
                     .topic = "a",
                     .user = user,
                     .params = make_ref<session::SnapshotParams>(params),
                     .position = {1, offset},
                     .stamped = stamped});
        uv_run(service.uv(), UV_RUN_NOWAIT);
    }
    static module::Snapshot state(const std::string &data = "[1]") { return {data, {}, {}}; }
    // Sessions that the answers since the last call were for.
    std::vector<uint64_t> told() {
        std::vector<uint64_t> sessions;
        for (const auto &delivery : std::exchange(deliveries, {})) {
            for (const auto &waiter : delivery.waiters) sessions.push_back(waiter.session);
            last = delivery.answer;
        }
        return sessions;
    }
    std::string text() const { return std::string(last->frame->wire()); }
    uint64_t count(Counter counter) const { return counters.read(counter); }

    test::FakeClock clock;
    Counters counters;
    Loop service{"service", clock};
    FakeSource *source = nullptr;
    std::vector<session::SnapshotDelivery> deliveries;
    session::SnapshotAnswerRef last;
    std::unique_ptr<SnapshotBroker> broker;
};

TEST_F(SnapshotBrokerTest, AsksOnceForEverybodyAndTellsEachLoopOnce) {
    for (uint64_t session = 0; session < 10'000; ++session) ask(session, 5 + session);
    EXPECT_EQ(source->questions.size(), 1U);
    source->answer(state());
    ASSERT_EQ(deliveries.size(), 2U);
    EXPECT_EQ(deliveries[0].answer.get(), deliveries[1].answer.get());
    EXPECT_EQ(told().size(), 10'000U);
    EXPECT_EQ(last->at, (Position{1, 5}));
    EXPECT_EQ(source->pending, 0);
    EXPECT_EQ(count(Counter::snapshot_flights), 1U);
    EXPECT_EQ(count(Counter::snapshot_joined), 9'999U);
}

TEST_F(SnapshotBrokerTest, AsksAnewOnceAnAnswerHasCome) {
    ask(1, 5);
    source->answer(state());
    ask(2, 5);
    EXPECT_EQ(source->questions.size(), 1U);
    EXPECT_EQ(told(), (std::vector<uint64_t>{1}));
}

TEST_F(SnapshotBrokerTest, LetsWhoMayHaveMissedSomethingWaitForTheNextFlight) {
    ask(1, 5, false);
    ask(2, 6, false);
    ask(3, 5, false);
    ask(4, 8, false);
    ASSERT_EQ(source->questions.size(), 1U);
    source->answer(state());
    EXPECT_EQ(told(), (std::vector<uint64_t>{1, 3}));
    ASSERT_EQ(source->questions.size(), 1U);
    EXPECT_EQ(source->questions.front().offset, 8U);
    source->answer(state());
    EXPECT_EQ(told(), (std::vector<uint64_t>{2, 4}));
    EXPECT_EQ(last->at, (Position{1, 8}));
    EXPECT_TRUE(source->questions.empty());
}

TEST_F(SnapshotBrokerTest, SharesNoAnswerAcrossParams) {
    ask(1, 5, true, "alice", R"({"page":1})");
    ask(2, 5, true, "alice", R"({"page":2})");
    ask(3, 5, true, "bob", R"({"page":2})");
    ASSERT_EQ(source->questions.size(), 2U);
    EXPECT_EQ(source->questions.back().params, R"({"page":2})");
    EXPECT_EQ(source->questions.back().user, "") << "the module's answers are for everybody";
}

TEST_F(SnapshotBrokerTest, SharesNoAnswerAcrossUsersWhenItIsForOne) {
    restart({}, true);
    ask(1, 5, true, "alice");
    ask(2, 5, true, "bob");
    ask(3, 5, true, "bob");
    ASSERT_EQ(source->questions.size(), 2U);
    EXPECT_EQ(source->questions.back().user, "bob");
    source->answer(state());
    EXPECT_EQ(told(), (std::vector<uint64_t>{1}));
}

TEST_F(SnapshotBrokerTest, TakesThePositionThatTheStateHas) {
    ask(1, 5);
    source->answer(module::Snapshot{"{}", "orders_snapshot", module::Place{1, 9}});
    told();
    EXPECT_EQ(last->at, (Position{1, 9}));
    EXPECT_NE(text().find(R"({"c":"S","t":"orders_snapshot")"), std::string::npos) << text();
    EXPECT_NE(text().find(R"("topic":"a","epoch":"00000001","offset":9,"data":{})"),
              std::string::npos)
        << text();
}

TEST_F(SnapshotBrokerTest, PassesOverAPositionOfAnotherEpochOrOutOfReach) {
    for (const module::Place place : {module::Place{2, 3}, module::Place{1, uint64_t{1} << 60}}) {
        ask(1, 5);
        source->answer(module::Snapshot{"{}", "", place});
        told();
        EXPECT_EQ(last->at, (Position{1, 5}));
    }
}

TEST_F(SnapshotBrokerTest, SaysThatATopicHasNoState) {
    ask(1, 5);
    source->answer(Error{WSE_ENOTFOUND, "nothing"});
    EXPECT_EQ(told().size(), 1U);
    EXPECT_EQ(last->status, WSE_ENOTFOUND);
    EXPECT_NE(text().find(R"("offset":5,"empty":true)"), std::string::npos) << text();
    EXPECT_EQ(count(Counter::snapshot_failed), 0U);
}

TEST_F(SnapshotBrokerTest, TellsOfAFailure) {
    ask(1, 5);
    source->answer(Error{WSE_ETIMEDOUT, "late"});
    EXPECT_EQ(told().size(), 1U);
    EXPECT_FALSE(last->frame);
    ask(1, 5);
    source->answer(Error{WSE_EIO, "broken"});
    EXPECT_EQ(count(Counter::snapshot_timeouts), 1U);
    EXPECT_EQ(count(Counter::snapshot_failed), 1U);
}

TEST_F(SnapshotBrokerTest, RefusesMoreThanItsLimits) {
    restart({.flights = 1, .waiters = 2});
    ask(1, 5);
    ask(2, 5, true, "alice", R"({"other":1})");
    EXPECT_EQ(told(), (std::vector<uint64_t>{2}));
    EXPECT_EQ(last->status, WSE_EAGAIN);
    ask(3, 5);
    ask(4, 5);
    EXPECT_EQ(told(), (std::vector<uint64_t>{4}));
    source->answer(state());
    EXPECT_EQ(told(), (std::vector<uint64_t>{1, 3}));
    ask(4, 5);
    EXPECT_EQ(source->questions.size(), 1U);
}

TEST_F(SnapshotBrokerTest, LeavesItsQuestionsWhenItStops) {
    ask(1, 5);
    EXPECT_EQ(source->pending, 1);
    broker->stop();
    EXPECT_EQ(source->pending, 0);
    ask(2, 5);
    EXPECT_EQ(source->questions.size(), 1U);
    EXPECT_TRUE(deliveries.empty());
}

}  // namespace
}  // namespace wse::server
