// SPDX-License-Identifier: MIT
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace wse {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error{WSE_EINVAL, "number: " + std::to_string(number) + " is odd"};
    return number / 2;
}

Result<void> even(int number) {
    if (auto halved = half(number); !halved) return halved.error();
    return {};
}

TEST(Result, HoldsAValue) {
    const auto result = half(4);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(*result, 2);
    EXPECT_EQ(result.value(), 2);
}

TEST(Result, HoldsAnError) {
    const auto result = half(3);
    EXPECT_FALSE(result);
    EXPECT_EQ(result.error().status, WSE_EINVAL);
    EXPECT_EQ(result.error().text, "number: 3 is odd");
}

TEST(Result, OfNothingIsSuccessOrAnError) {
    EXPECT_TRUE(even(2).ok());
    EXPECT_EQ(even(5).error().text, "number: 5 is odd");
}

TEST(Result, GivesUpAMoveOnlyValue) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
    const std::unique_ptr<int> taken = std::move(*result);
    EXPECT_EQ(*taken, 7);
}

TEST(Result, ReachesMembersOfItsValue) {
    Result<std::string> result(std::string("abc"));
    EXPECT_EQ(result->size(), 3U);
}

TEST(Result, EndsTheProcessWhenTheWrongHalfIsAsked) {
    EXPECT_DEATH((void)half(3).value(), "value\\(\\) of a failed Result");
    EXPECT_DEATH((void)half(4).error(), "error\\(\\) of a Result with a value");
}

TEST(StatusText, NamesEveryStatusOfTheMap) {
    EXPECT_STREQ(status_text(WSE_OK), "success");
    EXPECT_STREQ(status_text(WSE_EDENIED), "permission denied");
    EXPECT_STREQ(status_text(WSE_EIO), "input, output or remote failure");
    EXPECT_STREQ(status_text(1), "unknown status");
    EXPECT_STREQ(status_text(-1000), "unknown status");
}

}  // namespace
}  // namespace wse
