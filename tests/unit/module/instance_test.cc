// SPDX-License-Identifier: MIT
#include "module/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.h"

namespace wse::module {
namespace {

using test::Asked;
using test::World;

TEST(Instance, LivesFromCreateToDestroyOnEveryLoop) {
    World world(2);
    auto instance = world.run("auth_sync");
    EXPECT_EQ(world.journal(), "create 0\nstart 0\nstart 1\n");
    EXPECT_TRUE(instance->wait_stopped());
    EXPECT_EQ(world.journal(), "create 0\nstart 0\nstart 1\nstop 0\nstop 1\n");
    instance.reset();
    EXPECT_THAT(world.journal(), ::testing::EndsWith("destroy 0\n"));
}

TEST(Instance, ThatIsDestroyedWhileItRunsIsStoppedFirst) {
    World world(1);
    world.run("auth_sync").reset();
    EXPECT_EQ(world.journal(), "create 0\nstart 0\nstop 0\ndestroy 0\n");
}

TEST(Instance, ThatWasNeverStartedIsOnlyDestroyed) {
    World world(1);
    { const auto instance = world.create("auth_sync"); }
    EXPECT_EQ(world.journal(), "create 0\ndestroy 0\n");
}

TEST(Instance, NeedsNeitherStartNorStop) {
    World world(2);
    EXPECT_TRUE(world.run("minimal")->wait_stopped());
}

TEST(Instance, ThatCannotBeCreatedIsNotDestroyed) {
    World world(1);
    const auto instance = world.create("create_fails");
    ASSERT_FALSE(instance);
    EXPECT_EQ(instance.error().text, "module zoo_create_fails: create: out of memory");
    EXPECT_EQ(world.journal(), "create 0\n");
}

TEST(Instance, ThatFailsOnOneLoopIsUnwoundOnTheOthers) {
    World world(3);
    auto instance = world.create("start_fails_on_loop_1");
    ASSERT_TRUE(instance);
    const auto started = (*instance)->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().text,
              "module zoo_start_fails_on_loop_1: start on loop 1: loop 1 is not to my taste nor is "
              "loop 2");
    EXPECT_EQ(world.journal(), "create 0\nstart 0\nstart 1\nstop 0\n");
    instance->reset();
    EXPECT_EQ(world.journal(), "create 0\nstart 0\nstart 1\nstop 0\ndestroy 0\n");
}

TEST(Instance, IsStoppedOnlyWhenItsWorkAndPostsHaveEnded) {
    World world(2);
    auto instance = world.run("stop_later");
    EXPECT_TRUE(instance->wait_stopped());
    EXPECT_THAT(world.journal(), ::testing::HasSubstr("stopped 0\n"));
    EXPECT_THAT(world.journal(), ::testing::HasSubstr("stopped 1\n"));
    instance.reset();
    EXPECT_THAT(world.journal(), ::testing::EndsWith("destroy 0\n"));
}

TEST(Instance, StopsOnLoopsThatRun) {
    const SystemClock clock;
    Counters counters;
    Loop loop("loop", clock);
    auto instance = Instance::create(test::plan_of("stop_later", ""),
                                     Surroundings{.clock = clock, .loops = {{&loop, &counters}}});
    ASSERT_TRUE(instance);
    loop.start();
    ASSERT_TRUE((*instance)->start());
    EXPECT_TRUE((*instance)->wait_stopped());
    loop.stop();
}

// In a process of its own: what does not stop is left behind, memory and all.
TEST(InstanceDeathTest, ThatDoesNotStopInTimeIsReportedAndLeftAlone) {
    World world(1);
    world.surroundings.stop_deadline_ms = 0;
    EXPECT_EXIT(
        {
            auto instance = world.run("stop_never");
            instance->begin_stop();
            world.turn();
            world.pass(TimerWheel::kTickMs);
            const bool in_time = instance->wait_stopped();
            instance.reset();
            std::fputs(world.journal().c_str(), stderr);
            _exit(in_time ? 1 : 42);
        },
        ::testing::ExitedWithCode(42),
        "module.stop_timeout .*module=zoo_stop_never(.|\n)*"
        "create 0\nstop 0\n$");
}

TEST(Instance, ThatSaysTwiceThatItHasStoppedIsStoppedAllTheSame) {
    World world(1);
    world.surroundings.strict = false;
    EXPECT_TRUE(world.run("stop_twice")->wait_stopped());
}

TEST(InstanceDeathTest, ThatSaysTwiceThatItHasStoppedEndsTheProcessWhenStrict) {
    World world(1);
    world.surroundings.strict = true;
    EXPECT_DEATH(world.run("stop_twice")->wait_stopped(),
                 "module zoo_stop_twice called stop_done twice");
}

TEST(Plan, PassesTheModulesOwnRuleOn) {
    const Plan plan = test::plan_of("check_fails", "");
    const auto verdict = plan.check();
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().text,
              "module zoo_check_fails: journal and diary cannot be given together");
    EXPECT_TRUE(test::plan_of("minimal", "").check());
}

// ---- What the host refuses.

int32_t ask_once(World &world, const std::string &module) {
    auto instance = world.run(module);
    const auto asked = Asked::of(*instance->authenticator(0), "alice");
    world.pass(TimerWheel::kTickMs);
    const int32_t status = asked->status();
    instance.reset();
    return status;
}

TEST(Host, RefusesALoopFunctionOnAThread) {
    World world(1);
    world.surroundings.strict = false;
    // The loop has to run: without a thread every thread may be its own.
    const SystemClock clock;
    Counters counters;
    Loop loop("loop", clock);
    loop.start();
    auto instance = Instance::create(
        test::plan_of("calls_from_thread", ""),
        Surroundings{.clock = clock, .loops = {{&loop, &counters}}, .strict = false});
    ASSERT_TRUE(instance && (*instance)->start());
    std::unique_ptr<Pending> pending;
    std::promise<int> status;
    loop.post([&] {
        AuthRequest request;
        request.deadline_ms = 60'000;
        pending = (*instance)->authenticator(0)->authenticate(
            request, [&](const Result<Identity> &answer) {
                status.set_value(answer ? WSE_OK : answer.error().status);
            });
    });
    EXPECT_EQ(status.get_future().get(), WSE_EDENIED);
    EXPECT_TRUE((*instance)->wait_stopped());
    loop.stop();
}

TEST(HostDeathTest, EndsTheProcessAtALoopFunctionOnAThreadWhenStrict) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(
        {
            const SystemClock clock;
            Counters counters;
            Loop loop("loop", clock);
            loop.start();
            auto instance = Instance::create(
                test::plan_of("calls_from_thread", ""),
                Surroundings{.clock = clock, .loops = {{&loop, &counters}}, .strict = true});
            auto started = (*instance)->start();
            loop.call([&] { Asked::of(*(*instance)->authenticator(0), "alice"); });
        },
        "module zoo_calls_from_thread called uv outside its loop's thread");
}

TEST(Host, RefusesCountersOutsideCreateAndCountersThatAreNotThere) {
    World world(1);
    world.surroundings.strict = false;
    EXPECT_EQ(ask_once(world, "counts_too_late"), WSE_EDENIED);
}

TEST(HostDeathTest, EndsTheProcessAtACounterThatIsNotThereWhenStrict) {
    World world(1);
    world.surroundings.strict = true;
    EXPECT_DEATH(ask_once(world, "counts_too_late"),
                 "module zoo_counts_too_late added to a counter it has not registered");
}

TEST(Host, CountsForTheModule) {
    World world(1);
    auto instance = world.run("auth_sync");
    for (const char *credential : {"alice", "deny", "deny"}) {
        const auto asked = Asked::of(*instance->authenticator(0), credential);
        world.turn();
    }
    const auto rows = instance->host().stats().rows(instance->name());
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].name, "zoo_auth_sync.asked");
    EXPECT_EQ(rows[0].value, 3);
    EXPECT_EQ(rows[1].value, 2);
}

}  // namespace
}  // namespace wse::module
