// SPDX-License-Identifier: MIT
// When auth_jwt fetches the keys of an issuer.
#include "auth_jwt/schedule.h"

#include <gtest/gtest.h>

namespace wse::auth_jwt {
namespace {

constexpr Schedule::Limits kLimits = {
    .refresh_ms = 900'000, .cooldown_ms = 30'000, .max_stale_ms = 86'400'000};
constexpr uint64_t kNow = 5'000'000;

Schedule fetched(uint64_t max_age_ms = 0) {
    Schedule schedule(kLimits);
    schedule.begin();
    schedule.succeed(kNow, max_age_ms);
    return schedule;
}

TEST(Schedule, IsDueAtOnceAndServesNothingBefore) {
    const Schedule schedule(kLimits);
    EXPECT_EQ(schedule.due_ms(), 0U);
    EXPECT_TRUE(schedule.may_begin(0));
    EXPECT_FALSE(schedule.serves(0));
    EXPECT_FALSE(schedule.has_failed());
}

TEST(Schedule, HasOneFetchUnderWayAtATime) {
    Schedule schedule(kLimits);
    schedule.begin();
    EXPECT_TRUE(schedule.is_under_way());
    EXPECT_FALSE(schedule.may_begin(UINT64_MAX));
    EXPECT_EQ(schedule.due_ms(), UINT64_MAX);
}

TEST(Schedule, FetchesAgainAfterTheIntervalOrWhenTheIssuerSaysWithinBounds) {
    EXPECT_EQ(fetched().due_ms(), kNow + 900'000);
    EXPECT_EQ(fetched(60'000).due_ms(), kNow + 60'000);
    EXPECT_EQ(fetched(1000).due_ms(), kNow + 30'000);
    EXPECT_EQ(fetched(86'400'000).due_ms(), kNow + 900'000);
}

TEST(Schedule, LetsTokensAskOnceTheCooldownIsOver) {
    const Schedule schedule = fetched();
    EXPECT_FALSE(schedule.may_begin(kNow + 29'999));
    EXPECT_TRUE(schedule.may_begin(kNow + 30'000));
}

TEST(Schedule, TriesAgainAfterAFailureMoreAndMoreSlowly) {
    Schedule schedule(kLimits);
    for (const uint64_t pause : {1000, 2000, 4000, 8000, 16'000, 30'000, 30'000}) {
        schedule.begin();
        schedule.fail(kNow);
        EXPECT_TRUE(schedule.has_failed());
        EXPECT_EQ(schedule.due_ms(), kNow + pause);
        EXPECT_FALSE(schedule.may_begin(kNow + pause - 1));
        EXPECT_TRUE(schedule.may_begin(kNow + pause));
    }
    for (int i = 0; i < 100; ++i) schedule.fail(kNow);
    EXPECT_EQ(schedule.due_ms(), kNow + 30'000);
    schedule.succeed(kNow, 0);
    EXPECT_FALSE(schedule.has_failed());
    schedule.fail(kNow);
    EXPECT_EQ(schedule.due_ms(), kNow + 1000);
}

TEST(Schedule, LetsKeysServeWhileTheIssuerIsAwayButNotForever) {
    Schedule schedule = fetched();
    schedule.begin();
    schedule.fail(kNow + 900'000);
    EXPECT_TRUE(schedule.serves(kNow + 86'399'999));
    EXPECT_FALSE(schedule.serves(kNow + 86'400'000));
    EXPECT_TRUE(schedule.serves(kNow - 1));  // of a loop whose clock was read before
    schedule.succeed(kNow + 86'400'000, 0);
    EXPECT_TRUE(schedule.serves(kNow + 86'400'000));
}

}  // namespace
}  // namespace wse::auth_jwt
