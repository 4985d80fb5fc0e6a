// SPDX-License-Identifier: MIT
#include "loop/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "support/fake_clock.h"

namespace wse {
namespace {

class LoopTest : public testing::Test {
protected:
    SystemClock clock_;
    Loop loop_{"test", clock_};
    ~LoopTest() override { loop_.stop(); }
};

TEST_F(LoopTest, RunsTasksOnItsThreadInOrder) {
    loop_.start();
    std::vector<int> seen;
    std::thread::id thread;
    for (int i = 0; i < 100; ++i) loop_.post([&seen, i] { seen.push_back(i); });
    loop_.call([&] { thread = std::this_thread::get_id(); });
    EXPECT_NE(thread, std::this_thread::get_id());
    ASSERT_EQ(seen.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST_F(LoopTest, RunsWhatWasPostedBeforeItStarted) {
    bool ran = false;
    loop_.post([&] { ran = true; });
    EXPECT_FALSE(ran);
    loop_.start();
    loop_.call([] {});
    EXPECT_TRUE(ran);
}

TEST_F(LoopTest, RunsEverythingPostedBeforeStop) {
    loop_.start();
    int ran = 0;
    for (int i = 0; i < 1000; ++i) loop_.post([&] { ++ran; });
    loop_.stop();
    EXPECT_EQ(ran, 1000);
}

TEST_F(LoopTest, CallsAtOnceWhileItIsNotRunning) {
    bool ran = false;
    loop_.call([&] { ran = true; });
    EXPECT_TRUE(ran);
}

TEST_F(LoopTest, CallsFromItsOwnThreadAtOnce) {
    loop_.start();
    bool ran = false;
    loop_.call([&] { loop_.call([&] { ran = true; }); });
    EXPECT_TRUE(ran);
}

// start() must not return before the loop knows its thread, or call() would run the task here.
TEST_F(LoopTest, NeverCallsOnTheWrongThreadRightAfterTheStart) {
    for (int i = 0; i < 200; ++i) {
        Loop loop("quick", clock_);
        loop.start();
        EXPECT_FALSE(loop.on_thread());
        std::thread::id ran_on;
        loop.call([&] { ran_on = std::this_thread::get_id(); });
        EXPECT_NE(ran_on, std::this_thread::get_id());
        loop.stop();
    }
}

TEST_F(LoopTest, KnowsItsThread) {
    EXPECT_TRUE(loop_.on_thread()) << "not running: any thread may touch it";
    loop_.start();
    EXPECT_FALSE(loop_.on_thread());
    bool inside = false;
    loop_.call([&] { inside = loop_.on_thread(); });
    EXPECT_TRUE(inside);
    loop_.stop();
    EXPECT_TRUE(loop_.on_thread());
}

TEST_F(LoopTest, StopsTwiceAndStartsAgain) {
    int ran = 0;
    for (int i = 0; i < 3; ++i) {
        loop_.start();
        loop_.call([&] { ++ran; });
        loop_.stop();
        loop_.stop();
    }
    EXPECT_EQ(ran, 3);
}

TEST_F(LoopTest, TakesTasksFromManyThreads) {
    loop_.start();
    int ran = 0;  // touched on the loop alone
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 1000; ++n) loop_.post([&] { ++ran; });
        });
    for (auto &thread : threads) thread.join();
    loop_.call([] {});
    EXPECT_EQ(ran, 4000);
}

TEST_F(LoopTest, FiresTimersByItsClock) {
    std::promise<void> fired;
    Timer timer([&] { fired.set_value(); });
    loop_.start();
    loop_.call([&] { loop_.timers().schedule(timer, 30); });
    EXPECT_EQ(fired.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    loop_.call([&] { timer.cancel(); });
}

TEST(LoopTimers, CountADelayFromTheMomentOfTheCall) {
    test::FakeClock clock;
    Loop loop("test", clock);
    int fired = 0;
    Timer timer([&] { ++fired; });
    clock.advance(60'000);
    loop.timers().schedule(timer, 1000);
    loop.timers().advance(clock.monotonic_ms());
    EXPECT_EQ(fired, 0);
    timer.cancel();
}

void close_and_delete(uv_handle_t *handle) {
    delete reinterpret_cast<uv_timer_t *>(handle);
}

TEST(LoopEnd, FinishesWhatItsOwnersClosed) {
    SystemClock clock;
    int closed = 0;
    uv_timer_t handle;
    {
        Loop loop("test", clock);
        uv_timer_init(loop.uv(), &handle);
        handle.data = &closed;
        loop.start();
        loop.stop();
        uv_close(reinterpret_cast<uv_handle_t *>(&handle),
                 [](uv_handle_t *it) { ++*static_cast<int *>(it->data); });
    }
    EXPECT_EQ(closed, 1);
}

TEST(LoopEnd, LetsACloseCallbackPostAndCloseMore) {
    struct Chain {
        Loop *loop;
        uv_timer_t first;
        uv_timer_t second;
        bool closed = false;
        bool ran = false;
    } chain;
    SystemClock clock;
    {
        Loop loop("test", clock);
        chain.loop = &loop;
        for (uv_timer_t *timer : {&chain.first, &chain.second}) {
            uv_timer_init(loop.uv(), timer);
            timer->data = &chain;
        }
        uv_close(reinterpret_cast<uv_handle_t *>(&chain.first), [](uv_handle_t *it) {
            auto *self = static_cast<Chain *>(it->data);
            self->loop->post([self] { self->ran = true; });
            uv_close(reinterpret_cast<uv_handle_t *>(&self->second),
                     [](uv_handle_t *other) { static_cast<Chain *>(other->data)->closed = true; });
        });
    }
    EXPECT_TRUE(chain.closed);
    EXPECT_FALSE(chain.ran) << "nothing runs that was posted after the end";
}

TEST(LoopEnd, WaitsForWorkOfThePool) {
    SystemClock clock;
    std::pair<bool, bool> done{false, false};
    uv_work_t work;
    work.data = &done;
    {
        Loop loop("test", clock);
        uv_queue_work(
            loop.uv(), &work,
            [](uv_work_t *it) { static_cast<std::pair<bool, bool> *>(it->data)->first = true; },
            [](uv_work_t *it, int) {
                static_cast<std::pair<bool, bool> *>(it->data)->second = true;
            });
    }
    EXPECT_EQ(done, std::pair(true, true));
}

// A module may forget one; the server ends all the same, and does not wait for ever.
TEST(LoopEnd, ClosesAHandleThatWasForgotten) {
    SystemClock clock;
    auto *forgotten = new uv_timer_t;
    testing::internal::CaptureStderr();
    {
        Loop loop("test", clock);
        uv_timer_init(loop.uv(), forgotten);
        uv_timer_start(
            forgotten, [](uv_timer_t *) {}, 3'600'000, 0);
    }
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::HasSubstr("loop.handle_left_open loop=test handle=timer"));
    close_and_delete(reinterpret_cast<uv_handle_t *>(forgotten));
}

TEST(LoopEnd, DropsTasksThatCameTooLate) {
    SystemClock clock;
    const auto held = std::make_shared<int>(1);
    bool ran = false;
    {
        Loop loop("test", clock);
        loop.start();
        loop.stop();
        loop.post([&ran, held] { ran = true; });
    }
    EXPECT_FALSE(ran);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(LoopDeath, EndsTheProcessWhenItIsDestroyedWhileItRuns) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            SystemClock clock;
            Loop loop("test", clock);
            loop.start();
        },
        "a loop is destroyed while it runs");
}

// On a loop of the test's own, which it turns.
class GuestTest : public testing::Test {
protected:
    GuestTest() {
        uv_loop_init(&host_);
        host_.data = this;
        guest_ = std::make_unique<Loop>("guest", clock_, &host_);
    }
    ~GuestTest() override {
        guest_.reset();
        uv_run(&host_, UV_RUN_DEFAULT);
        EXPECT_EQ(uv_loop_close(&host_), 0);
    }
    SystemClock clock_;
    uv_loop_t host_{};
    std::unique_ptr<Loop> guest_;
};

TEST_F(GuestTest, RunsTasksOnTheThreadThatTurnsItsHost) {
    int ran = 0;
    guest_->start();
    guest_->post([&] { ++ran; });
    EXPECT_EQ(ran, 0);
    uv_run(&host_, UV_RUN_NOWAIT);
    EXPECT_EQ(ran, 1);
    EXPECT_TRUE(guest_->on_thread());
    EXPECT_EQ(host_.data, this);
}

TEST_F(GuestTest, IsCalledFromAnotherThreadWhileItsHostTurns) {
    std::atomic<bool> done = false;
    std::thread::id thread;
    std::thread other([&] {
        EXPECT_FALSE(guest_->on_thread());
        guest_->call([&] { thread = std::this_thread::get_id(); });
        guest_->stop();
        done = true;
        guest_->post([this] { uv_stop(&host_); });
    });
    uv_run(&host_, UV_RUN_DEFAULT);
    other.join();
    EXPECT_TRUE(done);
    EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST_F(GuestTest, IsTheLoopOfTheThreadThatTurnsItsHost) {
    EXPECT_EQ(Loop::current(), guest_.get());
    guest_.reset();
    EXPECT_EQ(Loop::current(), nullptr);
}

TEST_F(GuestTest, LeavesOtherHandlesOfItsHostAlone) {
    uv_idle_t idle{};
    uv_idle_init(&host_, &idle);
    guest_.reset();
    uv_run(&host_, UV_RUN_NOWAIT);
    EXPECT_FALSE(uv_is_closing(reinterpret_cast<uv_handle_t *>(&idle)));
    uv_close(reinterpret_cast<uv_handle_t *>(&idle), nullptr);
    uv_run(&host_, UV_RUN_DEFAULT);
}

}  // namespace
}  // namespace wse
