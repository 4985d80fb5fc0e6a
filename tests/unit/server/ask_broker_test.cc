// SPDX-License-Identifier: MIT
#include "server/ask_broker.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "support/fake_application.h"
#include "support/fake_clock.h"

namespace wse::server {
namespace {

using module::About;
using module::Reply;

class AskBrokerTest : public testing::Test {
protected:
    AskBrokerTest() { restart({}); }
    ~AskBrokerTest() override { stop(); }

    void restart(const AskBroker::Limits &limits) {
        stop();
        broker = std::make_unique<AskBroker>(service, limits);
        auto owned = std::make_unique<test::FakeApplication>();
        application = owned.get();
        broker->add(std::move(owned));
        way = &broker->way_from(loop, counters, "app");
    }
    void stop() {
        pending.clear();
        if (!broker) return;
        turn();
        broker->stop();
    }
    void ask(const std::string &topic, uint64_t deadline_ms = 1000) {
        pending.push_back(way->ask({.about = About::kSubscribe,
                                    .connection = "conn",
                                    .user = "alice",
                                    .topic = topic,
                                    .type = "news",
                                    .data = "{}",
                                    .peer_ip = "192.0.2.1",
                                    .listener = "main",
                                    .source = module::Credential::kQuery,
                                    .deadline_ms = deadline_ms},
                                   [this](Result<Reply> reply) { answers.push_back(reply); }));
    }
    // Both loops take what was posted to them.
    void turn() {
        for (int round = 0; round < 2; ++round) {
            uv_run(service.uv(), UV_RUN_NOWAIT);
            uv_run(loop.uv(), UV_RUN_NOWAIT);
        }
    }
    void pass(uint64_t ms) {
        clock.advance(ms);
        loop.timers().advance(clock.monotonic_ms());
    }
    std::vector<int> statuses() {
        std::vector<int> all;
        for (const auto &answer : std::exchange(answers, {}))
            all.push_back(answer ? WSE_OK : answer.error().status);
        return all;
    }
    uint64_t count(Counter counter) const { return counters.read(counter); }

    test::FakeClock clock;
    Counters counters;
    Loop service{"service", clock};
    Loop loop{"loop", clock};
    std::unique_ptr<AskBroker> broker;
    test::FakeApplication *application = nullptr;
    module::Application *way = nullptr;
    std::vector<std::unique_ptr<module::Pending>> pending;
    std::vector<Result<Reply>> answers;
};

using Statuses = std::vector<int>;

TEST_F(AskBrokerTest, TakesTheQuestionToTheServiceLoopAndTheAnswerBack) {
    EXPECT_EQ(way->instance_name(), "app");
    ask("a");
    EXPECT_TRUE(application->out.empty());
    turn();
    ASSERT_EQ(application->out.size(), 1U);
    const auto &asked = application->out[0];
    EXPECT_EQ(asked.about, About::kSubscribe);
    EXPECT_EQ(asked.connection + asked.user + asked.topic + asked.type, "connaliceanews");
    EXPECT_EQ(asked.data + asked.peer_ip + asked.listener, "{}192.0.2.1main");
    EXPECT_EQ(asked.source, module::Credential::kQuery);
    EXPECT_EQ(asked.deadline_ms, 1000U);
    application->answer(Reply{"bob", "[1]", 7});
    EXPECT_TRUE(answers.empty()) << "not on the service loop";
    turn();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0]->user, "bob");
    EXPECT_EQ(answers[0]->data, "[1]");
    EXPECT_EQ(answers[0]->expires_ms, 7U);
}

TEST_F(AskBrokerTest, CountsQuestionsAndWhatBecameOfThem) {
    for (const char *topic : {"a", "b", "c"}) ask(topic);
    turn();
    application->answer();
    application->deny();
    application->fall_silent();
    turn();
    EXPECT_EQ(statuses(), (Statuses{WSE_OK, WSE_EDENIED, WSE_ETIMEDOUT}));
    EXPECT_EQ(count(Counter::app_asked), 3U);
    EXPECT_EQ(count(Counter::app_denied), 1U);
    EXPECT_EQ(count(Counter::app_unanswered), 1U);
}

TEST_F(AskBrokerTest, KeepsTheDeadlineAlsoWhileTheServiceLoopStands) {
    ask("a");
    pass(999);
    EXPECT_EQ(statuses(), Statuses{});
    pass(1 + TimerWheel::kTickMs);
    EXPECT_EQ(statuses(), (Statuses{WSE_ETIMEDOUT}));
    EXPECT_EQ(count(Counter::app_unanswered), 1U);
    turn();
    EXPECT_TRUE(application->out.empty()) << "it hears that nobody waits";
}

TEST_F(AskBrokerTest, AsksNothingWhoseTimeIsUpAlready) {
    ask("a", 0);
    pass(TimerWheel::kTickMs);
    EXPECT_EQ(statuses(), (Statuses{WSE_ETIMEDOUT}));
    turn();
    EXPECT_EQ(application->asked, 0U);
}

TEST_F(AskBrokerTest, DropsAnAnswerThatComesTooLate) {
    ask("a");
    turn();
    application->answer();
    pass(1000 + TimerWheel::kTickMs);
    turn();
    EXPECT_EQ(statuses(), (Statuses{WSE_ETIMEDOUT}));
}

TEST_F(AskBrokerTest, TakesTheQuestionBackWhenTheAskerGoes) {
    ask("a");
    ask("b");
    turn();
    pending.erase(pending.begin());
    turn();
    EXPECT_EQ(application->topics(), (std::vector<std::string>{"b"}));
    application->answer();
    pending.clear();
    turn();
    EXPECT_EQ(statuses(), Statuses{});
    pass(5000);
    EXPECT_EQ(statuses(), Statuses{});
}

TEST_F(AskBrokerTest, RefusesWhatIsTooMuchAtOnceAndNeverInsideTheCall) {
    restart({.questions = 2, .bytes = 1000});
    for (int i = 0; i < 3; ++i) ask("a");
    EXPECT_EQ(statuses(), Statuses{});
    pass(TimerWheel::kTickMs);
    EXPECT_EQ(statuses(), (Statuses{WSE_EAGAIN}));
    turn();
    EXPECT_EQ(application->out.size(), 2U);
    application->answer();
    turn();
    ask("a");
    turn();
    EXPECT_EQ(application->out.size(), 2U) << "there is room again";
    restart({.questions = 10, .bytes = 100});
    ask(std::string(60, 'a'));
    ask(std::string(60, 'b'));
    turn();
    EXPECT_EQ(application->out.size(), 1U);
}

TEST_F(AskBrokerTest, LetsAnAskerGoInsideItsAnswer) {
    ask("a");
    pending.push_back(way->ask({.topic = "b", .deadline_ms = 1000}, [this](Result<Reply> reply) {
        answers.push_back(std::move(reply));
        pending.clear();
    }));
    turn();
    application->answer_about("b");
    turn();
    EXPECT_EQ(statuses(), (Statuses{WSE_OK}));
    EXPECT_TRUE(application->out.empty());
}

TEST_F(AskBrokerTest, AsksNobodyOnceItHasStopped) {
    ask("a");
    turn();
    ask("b");
    broker->stop();
    EXPECT_TRUE(application->out.empty());
    turn();
    EXPECT_TRUE(application->out.empty());
    EXPECT_EQ(statuses(), Statuses{});
    pass(1000 + TimerWheel::kTickMs);
    EXPECT_EQ(statuses(), (Statuses{WSE_ETIMEDOUT, WSE_ETIMEDOUT}));
}

TEST_F(AskBrokerTest, AsksFromLoopsThatRun) {
    service.start();
    loop.start();
    std::atomic<int> left{1000};
    std::vector<std::unique_ptr<module::Pending>> asked;
    loop.post([&] {
        for (int i = 0; i < 1000; ++i)
            asked.push_back(way->ask({.topic = "a", .deadline_ms = 600'000},
                                     [&left](const Result<Reply> &) { --left; }));
    });
    while (left > 0) {
        service.post([this] {
            while (!application->out.empty()) application->answer();
        });
        std::this_thread::yield();
    }
    loop.call([&] { asked.clear(); });
    loop.stop();
    service.stop();
    EXPECT_EQ(count(Counter::app_asked), 1000U);
}

}  // namespace
}  // namespace wse::server
