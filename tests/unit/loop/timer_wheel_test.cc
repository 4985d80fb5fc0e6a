// SPDX-License-Identifier: MIT
#include "loop/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/fake_clock.h"

namespace wse {
namespace {

constexpr uint64_t kTick = TimerWheel::kTickMs;
constexpr uint64_t kRound = 1024 * kTick;

class Wheel : public testing::TestWithParam<uint64_t> {
protected:
    uint64_t now_ = 1'000'007;  // not at a tick
    TimerWheel wheel_{now_};
    std::string fired_;
    void advance(uint64_t ms) { wheel_.advance(now_ += ms); }
};

INSTANTIATE_TEST_SUITE_P(Delays, Wheel,
                         testing::Values(0, 1, 2, 19, 20, 21, 39, 40, 41, 250, 999, 15'000,
                                         kRound - kTick, kRound - 1, kRound, kRound + 1,
                                         kRound + kTick, 3 * kRound + 7, 3'600'000));

TEST_P(Wheel, FiresNeverEarlyAndLateByAtMostOneTick) {
    uint64_t fired_at = 0;
    Timer timer([&] { fired_at = now_; });
    wheel_.schedule(timer, GetParam());
    const uint64_t deadline = now_ + GetParam();
    while (fired_at == 0 && now_ < deadline + 10 * kTick) advance(1);
    EXPECT_GE(fired_at, deadline);
    EXPECT_LE(fired_at, deadline + kTick);
    EXPECT_FALSE(timer.scheduled());
}

TEST_P(Wheel, FiresAtOnceAfterALongPause) {
    int fired = 0;
    Timer timer([&] { ++fired; });
    wheel_.schedule(timer, GetParam());
    advance(GetParam() + 10 * kRound);
    EXPECT_EQ(fired, 1);
    advance(10 * kRound);
    EXPECT_EQ(fired, 1);
}

TEST_P(Wheel, LeavesALaterTimerAloneInALongPause) {
    int fired = 0;
    Timer timer([&] { ++fired; });
    wheel_.schedule(timer, 10 * kRound + GetParam());
    advance(10 * kRound - kTick);
    EXPECT_EQ(fired, 0);
    advance(GetParam() + 2 * kTick);
    EXPECT_EQ(fired, 1);
}

TEST_F(Wheel, FiresInTheOrderOfTheDeadlines) {
    Timer late([&] { fired_ += "late "; });
    Timer early([&] { fired_ += "early "; });
    Timer middle([&] { fired_ += "middle "; });
    Timer same([&] { fired_ += "same "; });
    wheel_.schedule(late, 900);
    wheel_.schedule(early, 100);
    wheel_.schedule(middle, 500);
    wheel_.schedule(same, 500);
    advance(5000);
    EXPECT_EQ(fired_, "early middle same late ");
}

TEST_F(Wheel, MovesADeadline) {
    Timer timer([&] { fired_ += "x"; });
    wheel_.schedule(timer, 100);
    advance(90);
    wheel_.schedule(timer, 100);
    EXPECT_EQ(wheel_.size(), 1U);
    advance(90);
    EXPECT_EQ(fired_, "");
    advance(30);
    EXPECT_EQ(fired_, "x");
}

TEST_F(Wheel, ForgetsWhatIsCancelledOrDestroyed) {
    Timer cancelled([&] { fired_ += "cancelled"; });
    wheel_.schedule(cancelled, 100);
    cancelled.cancel();
    cancelled.cancel();
    {
        Timer destroyed([&] { fired_ += "destroyed"; });
        wheel_.schedule(destroyed, 100);
    }
    EXPECT_EQ(wheel_.size(), 0U);
    advance(1000);
    EXPECT_EQ(fired_, "");
}

TEST_F(Wheel, UnlinksFromTheMiddleOfASlot) {
    std::vector<std::unique_ptr<Timer>> timers;
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
        timers.push_back(std::make_unique<Timer>([this, name] { fired_ += name; }));
        wheel_.schedule(*timers.back(), 100);
    }
    timers[2].reset();
    timers[0]->cancel();
    timers[4]->cancel();
    advance(200);
    EXPECT_EQ(fired_, "bd");
}

TEST_F(Wheel, LetsACallbackCancelATimerThatIsDueToo) {
    Timer second([&] { fired_ += "second"; });
    Timer first([&] {
        fired_ += "first";
        second.cancel();
    });
    wheel_.schedule(first, 100);
    wheel_.schedule(second, 120);
    advance(1000);
    EXPECT_EQ(fired_, "first");
    EXPECT_EQ(wheel_.size(), 0U);
}

TEST_F(Wheel, LetsACallbackDestroyItsOwnTimerAndOthers) {
    std::vector<std::unique_ptr<Timer>> timers;
    for (int i = 0; i < 3; ++i)
        timers.push_back(std::make_unique<Timer>([this, &timers, name = std::string(100, 'x')] {
            timers.clear();
            fired_ += name;  // the callback itself lives on
        }));
    for (auto &timer : timers) wheel_.schedule(*timer, 50);
    advance(1000);
    EXPECT_EQ(fired_, std::string(100, 'x'));
    EXPECT_EQ(wheel_.size(), 0U);
}

TEST_F(Wheel, LetsACallbackScheduleItsTimerAgain) {
    int fired = 0;
    Timer timer([&] {
        if (++fired < 5) wheel_.schedule(timer, 0);
    });
    wheel_.schedule(timer, 0);
    advance(kTick);
    EXPECT_EQ(fired, 1) << "not again within one advance()";
    for (int i = 0; i < 10; ++i) advance(kTick);
    EXPECT_EQ(fired, 5);
}

TEST_F(Wheel, LetsACallbackMoveATimerThatIsDueToo) {
    Timer second([&] { fired_ += "second"; });
    Timer first([&] { wheel_.schedule(second, 1000); });
    wheel_.schedule(first, 100);
    wheel_.schedule(second, 100);
    advance(500);
    EXPECT_EQ(fired_, "");
    advance(1000 + kTick);
    EXPECT_EQ(fired_, "second");
}

TEST_F(Wheel, NeverFiresWhatIsNeverDue) {
    Timer never([&] { fired_ += "never"; });
    wheel_.schedule(never, UINT64_MAX);
    advance(1'000'000'000);
    EXPECT_EQ(fired_, "");
    wheel_.schedule(never, UINT64_MAX - now_ + 1);
    advance(1'000'000'000);
    EXPECT_EQ(fired_, "");
}

TEST_F(Wheel, StandsStillWhenTheClockGoesBack) {
    Timer timer([&] { fired_ += "x"; });
    wheel_.schedule(timer, 100);
    wheel_.advance(now_ - 5000);
    EXPECT_EQ(wheel_.now_ms(), now_);
    EXPECT_EQ(fired_, "");
    advance(120);
    EXPECT_EQ(fired_, "x");
}

TEST_F(Wheel, KeepsThousandsApart) {
    std::vector<std::unique_ptr<Timer>> timers;
    std::vector<uint64_t> deadlines;
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < 5000; ++i) {
        const uint64_t deadline = now_ + i * 7919 % 60'000;
        timers.push_back(std::make_unique<Timer>([this, deadline, &wrong] {
            if (now_ < deadline || now_ > deadline + 2 * kTick) ++wrong;
        }));
        wheel_.schedule(*timers.back(), deadline - now_);
    }
    for (int i = 0; i < 4000; ++i) advance(17);
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(wheel_.size(), 0U);
}

// What arrives after a pause must not be judged by the time before it.
TEST(WheelWithAClock, CountsADelayFromTheMomentOfTheCall) {
    test::FakeClock clock;
    TimerWheel wheel(clock);
    int fired = 0;
    Timer timer([&] { ++fired; });
    clock.advance(60'000);
    wheel.schedule(timer, 1000);
    wheel.advance(clock.monotonic_ms());
    EXPECT_EQ(fired, 0);
    clock.advance(999);
    wheel.advance(clock.monotonic_ms());
    EXPECT_EQ(fired, 0);
    clock.advance(1 + kTick);
    wheel.advance(clock.monotonic_ms());
    EXPECT_EQ(fired, 1);
}

TEST(WheelDeath, EndsTheProcessWhenATimerOutlivesIt) {
    Timer timer([] {});
    EXPECT_DEATH(
        {
            TimerWheel wheel(0);
            wheel.schedule(timer, 1);
        },
        "a timer outlives its wheel");
}

}  // namespace
}  // namespace wse
