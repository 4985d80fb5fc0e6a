// SPDX-License-Identifier: MIT
#include "module/stats.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/fake_clock.h"

namespace wse::module {
namespace {

// On the heap, where its alignment is kept: the stack of some sanitizers has a smaller one.
class StatsTest : public testing::Test {
protected:
    test::FakeClock clock;
    Loop loops[2] = {{"zero", clock}, {"one", clock}};
    Stats stats{{&loops[0], &loops[1]}};
};

TEST_F(StatsTest, ShowsEachCounterUnderItsInstance) {
    ASSERT_EQ(*stats.add_counter("asked", "questions"), 0u);
    ASSERT_EQ(*stats.add_counter("denied", "questions answered no"), 1u);
    stats.add(1, 3);
    stats.add(1, -1);
    const auto rows = stats.rows("auth_x");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].name, "auth_x.denied");
    EXPECT_EQ(rows[1].help, "questions answered no");
    EXPECT_EQ(rows[1].value, 2);
}

TEST_F(StatsTest, RefusesNamesThatAreBadOrTakenAndMoreThanTheLimit) {
    EXPECT_FALSE(stats.add_counter("", ""));
    EXPECT_FALSE(stats.add_counter("Asked", ""));
    EXPECT_FALSE(stats.add_counter("a.b", ""));
    EXPECT_FALSE(stats.add_counter(std::string(65, 'a'), ""));
    for (uint32_t i = 0; i < Stats::kLimit; ++i)
        EXPECT_TRUE(stats.add_counter("c" + std::to_string(i), ""));
    EXPECT_FALSE(stats.add_counter("c0", ""));
    EXPECT_EQ(stats.add_counter("one_more", "").error().status, WSE_ETOOBIG);
}

TEST_F(StatsTest, RefusesToAddToACounterThatIsNotThere) {
    EXPECT_FALSE(stats.add(0, 1));
}

TEST_F(StatsTest, SumsWhatAllThreadsAdded) {
    const uint32_t id = *stats.add_counter("asked", "");
    std::vector<std::thread> threads;
    for (int t = 0; t < 12; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) stats.add(id, 1);
        });
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(stats.rows("x")[0].value, 12000);
}

TEST_F(StatsTest, TellsWhatEachLoopAndAllOtherThreadsAdded) {
    const uint32_t id = *stats.add_counter("asked", "");
    for (Loop &loop : loops) loop.start();
    loops[0].call([&] { stats.add(id, 3); });
    loops[1].call([&] { stats.add(id, 4); });
    std::thread([&] { stats.add(id, 5); }).join();
    stats.add(id, 1);
    for (Loop &loop : loops) loop.stop();
    const StatRow row = stats.rows("x")[0];
    EXPECT_EQ(row.by_loop, (std::vector<int64_t>{3, 4, 6}));
    EXPECT_EQ(row.value, 13);
}

}  // namespace
}  // namespace wse::module
