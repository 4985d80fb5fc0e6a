// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "server/supervisor.h"

namespace wse::server {
namespace {

TEST(RestartPace, StartsAgainAtOnceAfterFiveDeaths) {
    RestartPace pace;
    for (uint64_t i = 0; i < 5; ++i) EXPECT_EQ(pace.delay_after_death(1000 + i), 0U);
}

TEST(RestartPace, SlowsDownWhenDeathsGoOn) {
    RestartPace pace;
    uint64_t now = 1000;
    for (int i = 0; i < 5; ++i) pace.delay_after_death(now);
    std::vector<uint64_t> delays;
    for (int i = 0; i < 7; ++i) {
        delays.push_back(pace.delay_after_death(now));
        now += delays.back() + 10;
    }
    EXPECT_EQ(delays, (std::vector<uint64_t>{1000, 2000, 4000, 8000, 16000, 30000, 30000}));
}

TEST(RestartPace, ForgetsAfterAQuietTime) {
    RestartPace pace;
    for (int i = 0; i < 6; ++i) pace.delay_after_death(1000);
    EXPECT_EQ(pace.delay_after_death(1000 + RestartPace::kWindowMs + 1000 + 1), 0U);
}

TEST(RestartPace, CountsOnlyDeathsThatComeTogether) {
    RestartPace pace;
    for (uint64_t i = 0; i < 20; ++i)
        EXPECT_EQ(pace.delay_after_death(1000 + i * (RestartPace::kWindowMs + 1)), 0U);
}

}  // namespace
}  // namespace wse::server
