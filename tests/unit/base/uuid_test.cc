// SPDX-License-Identifier: MIT
#include "base/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace wse {
namespace {

constexpr uint64_t kNow = 1'767'323'045'678;

TEST(Uuid7, HasTheShapeTheVersionAndTheVariant) {
    for (int i = 0; i < 1000; ++i) {
        EXPECT_THAT(uuid7(kNow), testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-"
                                                       "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    }
}

// A thread of its own: what others have drawn must not matter.
template <class Body>
void on_fresh_thread(Body body) {
    std::thread(body).join();
}

TEST(Uuid7, BeginsWithTheMilliseconds) {
    on_fresh_thread([] {
        EXPECT_EQ(uuid7(0x0123456789abU).substr(0, 13), "01234567-89ab");
        EXPECT_EQ(uuid7(kNow).substr(0, 13), "019b7ca9-8f2e");
    });
}

TEST(Uuid7, IncreasesWithinOneMillisecond) {
    on_fresh_thread([] {
        std::string last = uuid7(kNow);
        // More than the 12 bits of the counter hold.
        for (int i = 0; i < 10'000; ++i) {
            std::string next = uuid7(kNow);
            ASSERT_LT(last, next);
            last = std::move(next);
        }
    });
}

TEST(Uuid7, IncreasesWhenTheClockGoesBack) {
    on_fresh_thread([] {
        std::string last = uuid7(kNow);
        for (const uint64_t now : {kNow - 1, kNow - 86'400'000, uint64_t{0}, kNow, kNow + 1}) {
            std::string next = uuid7(now);
            EXPECT_LT(last, next) << now;
            last = std::move(next);
        }
    });
}

TEST(Uuid7, IsUniqueAcrossThreads) {
    std::vector<std::vector<std::string>> drawn(4);
    std::vector<std::thread> threads;
    for (auto &mine : drawn)
        threads.emplace_back([&mine] {
            for (int i = 0; i < 2000; ++i) mine.push_back(uuid7(kNow));
        });
    for (auto &thread : threads) thread.join();
    std::set<std::string> all;
    for (const auto &mine : drawn) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), 8000U);
}

}  // namespace
}  // namespace wse
