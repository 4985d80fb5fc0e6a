// SPDX-License-Identifier: MIT
#include "module/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "base/alt_stack.h"
#include "module/code_map.h"
#include "module/crash.h"
#include "module/watchdog.h"
#include "support.h"

namespace wse::module {
namespace {

using test::World;

class CallTest : public ::testing::Test {
protected:
    CallTest() : instance_(world_.run("minimal")) {}
    ~CallTest() override { instance_.reset(); }
    Host &host() { return instance_->host(); }
    LoopSide &side() { return host().side(0); }
    // A call that takes so long.
    void call(const char *function, uint64_t ms) {
        const Call call(side(), function);
        world_.clock.advance(ms);
    }
    std::vector<StuckCall> look() { return watch_.look(world_.clock.monotonic_ms()); }

    World world_;
    std::unique_ptr<Instance> instance_;
    CallWatch watch_;
};

TEST_F(CallTest, IsCountedAndLoggedWhenItTakesLongerThanTheBudget) {
    call("authenticate", 100);
    EXPECT_EQ(host().slow_calls(), 0U);
    testing::internal::CaptureStderr();
    call("authenticate", 350);
    call("authorize", 101);
    const std::string logged = testing::internal::GetCapturedStderr();
    EXPECT_THAT(logged, testing::HasSubstr("module.slow_call module=zoo_minimal "
                                           "function=authenticate loop=loop0 ms=350"));
    EXPECT_EQ(host().slow_calls(), 2U);
    EXPECT_EQ(host().slowest_ms(), 350U);
}

TEST_F(CallTest, IsSeenFromOutsideWhileItStands) {
    EXPECT_TRUE(look().empty());
    {
        const Call call(side(), "authenticate");
        world_.clock.advance(CallWatch::kStuckMs - 1);
        EXPECT_TRUE(look().empty());
        world_.clock.advance(1);
        const auto found = look();
        ASSERT_EQ(found.size(), 1U);
        EXPECT_STREQ(found[0].module, "zoo_minimal");
        EXPECT_STREQ(found[0].function, "authenticate");
        EXPECT_STREQ(found[0].loop, "loop0");
        EXPECT_EQ(found[0].ms, CallWatch::kStuckMs);
        EXPECT_FALSE(found[0].returned);
        world_.clock.advance(5000);
        EXPECT_TRUE(look().empty());
    }
    const auto found = look();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].returned);
    EXPECT_EQ(found[0].ms, CallWatch::kStuckMs + 5000);
    EXPECT_TRUE(look().empty());
}

TEST_F(CallTest, GivesTheNameBackToTheCallAroundIt) {
    const Call outer(side(), "stop");
    { const Call inner(side(), "cancel"); }
    world_.clock.advance(CallWatch::kStuckMs);
    const auto found = look();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_STREQ(found[0].function, "stop");
}

TEST_F(CallTest, IsMadeForAQuestion) {
    const auto asked = test::Asked::of(*instance_->authenticator(0), "alice");
    const CallSlot *slot = current_call();
    ASSERT_NE(slot, nullptr);
    EXPECT_EQ(slot->module.load(), nullptr);
    EXPECT_GE(slot->serial.load(), 4U);
}

TEST(CodeMap, KnowsTheModuleOfAnAddress) {
    World world;
    const auto instance = world.run("auth_sync");
    const auto address = reinterpret_cast<uintptr_t>(instance->descriptor().def.create);
    EXPECT_STREQ(module_at(address), "zoo_auth_sync");
    EXPECT_EQ(module_at(reinterpret_cast<uintptr_t>(&test::zoo_path)), nullptr);
    EXPECT_EQ(module_at(0), nullptr);
}

// Each dies in a process of its own.
using CrashDeathTest = CallTest;

// The sanitizers' own reports follow, and are not what is asked for here.
void crash_by(int number) {
    install_crash_handler();
    raise(number);
}

TEST_F(CrashDeathTest, NamesTheCallThatTheThreadWasIn) {
    const Call call(side(), "authenticate");
    EXPECT_DEATH(crash_by(SIGSEGV),
                 "crash signal=SEGV module=zoo_minimal function=authenticate loop=loop0 code=-");
    EXPECT_DEATH(crash_by(SIGFPE), "crash signal=FPE module=zoo_minimal");
    EXPECT_DEATH(crash_by(SIGABRT), "crash signal=ABRT module=zoo_minimal");
}

TEST_F(CrashDeathTest, BlamesNoModuleForACrashOfOurs) {
    EXPECT_DEATH(crash_by(SIGBUS), "crash signal=BUS module=- function=- loop=- code=-");
}

// Ends when the stack does, long before the number does.
int use_up_the_stack(const volatile char *outer, uint64_t frames) {
    volatile char frame[4096];
    frame[0] = outer ? outer[0] : '\0';
    return frames == 0 ? 0 : use_up_the_stack(frame, frames - 1) + frame[0];
}

TEST_F(CrashDeathTest, IsToldWhenTheStackIsUsedUp) {
    const Call call(side(), "authenticate");
    EXPECT_DEATH(
        {
            const AltStack stack;
            install_crash_handler();
            use_up_the_stack(nullptr, UINT64_MAX);
        },
        "crash signal=SEGV module=zoo_minimal function=authenticate");
}

}  // namespace
}  // namespace wse::module
