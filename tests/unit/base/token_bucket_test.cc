// SPDX-License-Identifier: MIT
#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace wse {
namespace {

int take_all(TokenBucket &bucket, uint64_t now_ms) {
    int taken = 0;
    while (taken < 10'000 && bucket.take(now_ms)) ++taken;
    return taken;
}

TEST(TokenBucket, GivesItsCapacityAtOnceAndThenNothing) {
    TokenBucket bucket(5, 1, 0);
    EXPECT_EQ(take_all(bucket, 0), 5);
    EXPECT_EQ(bucket.left(), 0U);
}

TEST(TokenBucket, GivesSeveralAtOnceOrNone) {
    TokenBucket bucket(5, 1, 0);
    EXPECT_TRUE(bucket.take(0, 3));
    EXPECT_FALSE(bucket.take(0, 3));
    EXPECT_EQ(bucket.left(), 2U);
}

TEST(TokenBucket, TakesBackWhatWasNotUsedUpToItsCapacity) {
    TokenBucket bucket(5, 1, 0);
    EXPECT_TRUE(bucket.take(0, 4));
    EXPECT_FALSE(bucket.is_full(3999));
    EXPECT_TRUE(bucket.is_full(4000));
    bucket.give_back(2);
    EXPECT_EQ(bucket.left(), 3U);
    bucket.give_back(UINT64_MAX);
    EXPECT_EQ(bucket.left(), 5U);
}

TEST(TokenBucket, RefillsInProportionToTime) {
    TokenBucket bucket(100, 10, 0);
    take_all(bucket, 0);
    EXPECT_FALSE(bucket.take(99));
    EXPECT_TRUE(bucket.take(100));
    EXPECT_EQ(take_all(bucket, 1100), 10);
}

TEST(TokenBucket, LosesNoFractions) {
    TokenBucket bucket(10, 3, 0);
    take_all(bucket, 0);
    int taken = 0;
    for (uint64_t now = 1; now <= 10'000; ++now) taken += bucket.take(now) ? 1 : 0;
    EXPECT_EQ(taken, 30);
}

TEST(TokenBucket, HoldsNoMoreThanItsCapacity) {
    TokenBucket bucket(5, 1000, 0);
    EXPECT_EQ(take_all(bucket, UINT64_MAX), 5);
}

TEST(TokenBucket, GivesNothingForAClockThatGoesBack) {
    TokenBucket bucket(2, 1000, 5000);
    take_all(bucket, 5000);
    EXPECT_FALSE(bucket.take(0));
    EXPECT_FALSE(bucket.take(5000));
    EXPECT_TRUE(bucket.take(5001));
}

TEST(TokenBucket, WithoutRefillIsSpentForEver) {
    TokenBucket bucket(1, 0, 0);
    EXPECT_TRUE(bucket.take(0));
    EXPECT_FALSE(bucket.take(UINT64_MAX));
}

TEST(TokenBucket, WithoutCapacityGivesNothing) {
    TokenBucket bucket(0, 1000, 0);
    EXPECT_FALSE(bucket.take(1'000'000));
}

TEST(TokenBucket, IsRightForNumbersThatWouldOverflow) {
    TokenBucket bucket(UINT64_MAX, UINT64_MAX, 0);
    EXPECT_TRUE(bucket.take(0));
    EXPECT_TRUE(bucket.take(UINT64_MAX));
    EXPECT_GT(bucket.left(), 1'000'000'000U);
    TokenBucket fast(5, UINT64_MAX, 0);
    take_all(fast, 0);
    EXPECT_EQ(take_all(fast, 1), 5);
}

}  // namespace
}  // namespace wse
