// SPDX-License-Identifier: MIT
#include "base/assert.h"

#include <gtest/gtest.h>

namespace {

TEST(Assert, SaysTheSentenceAndEndsTheProcess) {
    EXPECT_DEATH(WSE_ASSERT(1 + 1 == 3, "arithmetic holds"), "assert_test.cc:.*arithmetic holds");
}

TEST(Assert, EvaluatesItsConditionOnce) {
    int evaluations = 0;
    WSE_ASSERT(++evaluations == 1, "evaluated once");
    EXPECT_EQ(evaluations, 1);
}

}  // namespace
