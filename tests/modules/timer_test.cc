// SPDX-License-Identifier: MIT
#include "abi/timer.h"

#include <gtest/gtest.h>

#include <memory>
#include <new>

namespace wse::abi {
namespace {

class TimerTest : public testing::Test {
protected:
    TimerTest() { uv_loop_init(&loop); }
    ~TimerTest() override { EXPECT_EQ(uv_loop_close(&loop), 0) << "a handle is left"; }

    uv_loop_t loop;
    int fired = 0;
};

TEST_F(TimerTest, FiresOnceForEachStart) {
    Timer timer(&loop, [this] { ++fired; });
    timer.start(0);
    timer.start(0);
    EXPECT_TRUE(timer.is_set());
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(timer.is_set());
    timer.close(nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
}

TEST_F(TimerTest, LeavesTheLoopBehindWhatHadIt) {
    auto timer = std::make_unique<Timer>(&loop, [this] { ++fired; });
    timer->start(0);
    timer.reset();
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(fired, 0);
}

TEST_F(TimerTest, MayGoWhileItFires) {
    std::unique_ptr<Timer> timer;
    timer = std::make_unique<Timer>(&loop, [&] {
        timer.reset();
        ++fired;
    });
    timer->start(0);
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(fired, 1);
}

TEST_F(TimerTest, SaysWhenItIsClosedAndDoesNothingFromThenOn) {
    bool is_closed = false;
    auto timer = std::make_unique<Timer>(&loop, [this] { ++fired; });
    timer->close([&] {
        is_closed = true;
        timer.reset();
    });
    EXPECT_FALSE(is_closed);
    timer->start(0);
    timer->stop();
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_TRUE(is_closed);
    EXPECT_EQ(fired, 0);
}

TEST_F(TimerTest, FiresAgainWhenMemoryWasShort) {
    Timer timer(&loop, [this] {
        if (++fired == 1) throw std::bad_alloc();
    });
    timer.start(0);
    uv_run(&loop, UV_RUN_DEFAULT);
    EXPECT_EQ(fired, 2);
    timer.close(nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
}

}  // namespace
}  // namespace wse::abi
