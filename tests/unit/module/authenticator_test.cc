// SPDX-License-Identifier: MIT
#include "module/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "support.h"

namespace wse::module {
namespace {

using test::Asked;
using test::World;

// One instance on one loop and its authenticator.
struct Auth : World {
    explicit Auth(const std::string &module, bool strict = false) {
        surroundings.strict = strict;
        instance = run(module);
    }
    ~Auth() { instance.reset(); }
    Authenticator &operator*() { return *instance->authenticator(0); }

    std::unique_ptr<Instance> instance;
};

TEST(Authenticator, BringsAnAnswerGivenInsideTheCallAfterTheCall) {
    Auth auth("auth_sync");
    const auto asked = Asked::of(*auth, "alice");
    EXPECT_EQ(asked->calls, 0);
    auth.turn();
    ASSERT_EQ(asked->status(), WSE_OK);
    EXPECT_EQ(asked->answer->value().user, "alice");
    EXPECT_EQ(asked->answer->value().claims, R"({"role":"reader"})");
    EXPECT_EQ(asked->answer->value().expires_ms, auth.clock.wall + 1);
    auth.pass(5000);
    EXPECT_EQ(asked->calls, 1);
}

TEST(Authenticator, PassesARefusalOn) {
    Auth auth("auth_sync");
    const auto asked = Asked::of(*auth, "deny");
    auth.turn();
    EXPECT_EQ(asked->status(), WSE_EDENIED);
}

TEST(Authenticator, RefusesAnUnsoundAnswer) {
    Auth auth("auth_sync");
    const auto asked = Asked::of(*auth, "nonsense");
    auth.turn();
    EXPECT_EQ(asked->status(), WSE_EDENIED);
}

TEST(Authenticator, ShowsTheModuleRequestHeadersDuringTheCall) {
    Auth auth("auth_sync");
    AuthRequest request;
    request.deadline_ms = 1000;
    request.header = [](std::string_view name) {
        return name == "x-user" ? std::string_view("bob") : std::string_view();
    };
    std::string user;
    const auto pending = (*auth).authenticate(
        request, [&](Result<Identity> answer) { user = answer ? answer->user : "refused"; });
    auth.turn();
    EXPECT_EQ(user, "bob");
}

TEST(Authenticator, RefusesWhenTheModuleDoesNotTakeTheQuestion) {
    Auth auth("minimal");
    const auto asked = Asked::of(*auth, "alice");
    EXPECT_EQ(asked->calls, 0);
    auth.pass(TimerWheel::kTickMs);
    EXPECT_EQ(asked->status(), WSE_EDENIED);
    EXPECT_EQ(auth.instance->tokens_outstanding(), 0u);
}

TEST(Authenticator, RefusesWhenTheModuleAnswersYesButDoesNotTakeTheQuestion) {
    Auth auth("auth_both");
    const auto asked = Asked::of(*auth, "alice");
    auth.pass(TimerWheel::kTickMs);
    EXPECT_EQ(asked->status(), WSE_EAGAIN);
    EXPECT_EQ(asked->calls, 1);
}

TEST(Authenticator, GivesUpAtTheDeadlineAndTellsTheModule) {
    Auth auth("auth_never");
    const auto asked = Asked::of(*auth, "alice", 1000);
    auth.pass(999);
    EXPECT_EQ(asked->calls, 0);
    auth.pass(1 + TimerWheel::kTickMs);
    EXPECT_EQ(asked->status(), WSE_ETIMEDOUT);
    EXPECT_THAT(auth.journal(), ::testing::EndsWith("cancel 0\n"));
    auth.pass(5000);
    EXPECT_EQ(asked->calls, 1);
}

TEST(Authenticator, ShowsQuestionsThatAreNeverAnswered) {
    Auth auth("auth_never");
    const auto first = Asked::of(*auth, "alice");
    auth.pass(300);
    const auto second = Asked::of(*auth, "bob");
    auth.pass(200);
    EXPECT_EQ(auth.instance->tokens_outstanding(), 2u);
    EXPECT_EQ(auth.instance->tokens_oldest_ms(), 500u);
    auth.pass(5000);  // nobody waits any more; the module owes the answers all the same
    EXPECT_EQ(auth.instance->tokens_outstanding(), 2u);
}

TEST(Authenticator, AcceptsALateAnswerAndIgnoresIt) {
    Auth auth("auth_late");
    const auto asked = Asked::of(*auth, "alice", 100);
    auth.pass(100 + TimerWheel::kTickMs);
    EXPECT_EQ(asked->status(), WSE_ETIMEDOUT);
    EXPECT_EQ(asked->calls, 1);
    EXPECT_THAT(auth.journal(), ::testing::EndsWith("accepted 0\n"));
    EXPECT_EQ(auth.count(Counter::tokens_late), 1u);
    EXPECT_EQ(auth.count(Counter::tokens_doubled), 0u);
    EXPECT_EQ(auth.instance->tokens_outstanding(), 0u);
}

TEST(Authenticator, TellsTheModuleWhenTheAskerLeaves) {
    Auth auth("auth_late");
    const auto asked = Asked::of(*auth, "alice");
    asked->pending.reset();
    auth.pass(5000);
    EXPECT_EQ(asked->calls, 0);
    EXPECT_EQ(auth.count(Counter::tokens_late), 1u);
}

TEST(Authenticator, DropsAnAnswerThatIsOnItsWayWhenTheAskerLeaves) {
    Auth auth("auth_sync");
    const auto asked = Asked::of(*auth, "alice");
    asked->pending.reset();
    auth.pass(5000);
    EXPECT_EQ(asked->calls, 0);
    EXPECT_EQ(auth.count(Counter::tokens_late), 1u);
}

TEST(Authenticator, LetsTheAskerLeaveInsideItsOwnAnswer) {
    Auth auth("auth_never");
    Asked asked;
    AuthRequest request;
    request.deadline_ms = 100;
    asked.pending = (*auth).authenticate(request, [&](Result<Identity>) {
        ++asked.calls;
        asked.pending.reset();
    });
    auth.pass(200);
    EXPECT_EQ(asked.calls, 1);
}

TEST(Authenticator, CountsADoubleAnswerAndKeepsTheFirst) {
    Auth auth("auth_double");
    const auto asked = Asked::of(*auth, "alice");
    auth.turn();
    EXPECT_EQ(asked->status(), WSE_EDENIED);
    EXPECT_EQ(auth.count(Counter::tokens_doubled), 1u);
    EXPECT_THAT(auth.journal(), ::testing::EndsWith("rejected 0\n"));
}

TEST(AuthenticatorDeathTest, EndsTheProcessAtADoubleAnswerWhenStrict) {
    Auth auth("auth_double", true);
    EXPECT_DEATH(Asked::of(*auth, "alice"), "module zoo_auth_double answered a question twice");
}

TEST(Authenticator, LetsNoOldTokenAnswerALaterQuestion) {
    Auth auth("auth_stale");
    std::vector<std::unique_ptr<Asked>> asked;
    for (int i = 0; i < 10; ++i) {
        asked.push_back(Asked::of(*auth, "mallory"));
        auth.turn();
        EXPECT_EQ(asked.back()->status(), WSE_EDENIED);
    }
    EXPECT_EQ(auth.count(Counter::tokens_doubled), 9u);
}

TEST(Authenticator, GrantsWhenTheModuleHasNoAuthorize) {
    Auth auth("minimal");
    EXPECT_TRUE((*auth).authorize({"bob", "", 0}, Action::kPublish, "news"));
}

TEST(Authenticator, AsksTheModuleForRights) {
    Auth auth("auth_sync");
    EXPECT_TRUE((*auth).authorize({"alice", "", 0}, Action::kPublish, "news"));
    EXPECT_TRUE((*auth).authorize({"bob", "", 0}, Action::kSubscribe, "news"));
    EXPECT_FALSE((*auth).authorize({"bob", "", 0}, Action::kPublish, "news"));
}

TEST(Authenticator, AnswersThatTheModuleStopsToWhoeverWaitsThen) {
    Auth auth("auth_never");
    const auto asked = Asked::of(*auth, "alice");
    EXPECT_TRUE(auth.instance->wait_stopped());
    EXPECT_EQ(asked->status(), WSE_ECANCELED);
    const auto late = Asked::of(*auth, "bob");
    EXPECT_EQ(late->calls, 0);
    auth.pass(TimerWheel::kTickMs);
    EXPECT_EQ(late->status(), WSE_ECANCELED);
}

TEST(Authenticator, MayOutliveItsQuestions) {
    Auth auth("auth_never");
    const auto asked = Asked::of(*auth, "alice");
    auth.instance.reset();
    EXPECT_EQ(asked->status(), WSE_ECANCELED);
    asked->pending.reset();
    EXPECT_EQ(auth.journal(), "create 0\ncancel 0\ndestroy 0\n");
}

// ---- With threads: a module that answers from its own, on loops that run.

class Threads : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Threads, AnswerEveryQuestionOnceOnItsLoopWhateverTheDeadline) {
    constexpr size_t kLoops = 2, kQuestions = 400;
    const SystemClock clock;
    Counters counters[kLoops];
    Loop one("one", clock), two("two", clock);
    Loop *loops[kLoops] = {&one, &two};
    auto instance = Instance::create(
        test::plan_of("auth_async_thread", ""),
        Surroundings{.clock = clock, .loops = {{&one, &counters[0]}, {&two, &counters[1]}}});
    ASSERT_TRUE(instance);
    for (Loop *loop : loops) loop->start();
    ASSERT_TRUE((*instance)->start());

    std::vector<std::unique_ptr<Pending>> pending[kLoops];
    int answers[kLoops] = {0, 0};
    std::promise<void> all[kLoops];
    for (size_t l = 0; l < kLoops; ++l)
        loops[l]->post([&, l] {
            for (size_t i = 0; i < kQuestions; ++i) {
                AuthRequest request;
                request.deadline_ms = GetParam();
                pending[l].push_back((*instance)->authenticator(l)->authenticate(
                    request, [&, l](const Result<Identity> &answer) {
                        EXPECT_TRUE(loops[l]->on_thread());
                        EXPECT_TRUE(answer || answer.error().status == WSE_ETIMEDOUT);
                        if (++answers[l] == kQuestions) all[l].set_value();
                    }));
                // Some askers leave with their answer perhaps on its way.
                if (i % 3 == 0) {
                    pending[l].back().reset();
                    ++answers[l];
                }
            }
        });
    for (auto &promise : all) promise.get_future().wait();
    EXPECT_TRUE((*instance)->wait_stopped());
    for (size_t l = 0; l < kLoops; ++l) loops[l]->call([&, l] { pending[l].clear(); });
    for (Loop *loop : loops) loop->stop();
    EXPECT_EQ((*instance)->tokens_outstanding(), 0u);
    instance->reset();
    EXPECT_EQ(answers[0], static_cast<int>(kQuestions));
    EXPECT_EQ(answers[1], static_cast<int>(kQuestions));
    for (const auto &each : counters) EXPECT_EQ(each.read(Counter::tokens_doubled), 0u);
}

INSTANTIATE_TEST_SUITE_P(Authenticator, Threads, ::testing::Values(0u, 1u, 60'000u));

}  // namespace
}  // namespace wse::module
