// SPDX-License-Identifier: MIT
#include "net/patience.h"

#include <gtest/gtest.h>

namespace wse::net {
namespace {

TEST(Patience, RunsOutWithWhoeverSendsALittleNowAndThen) {
    Patience patience(60'000);
    for (int i = 0; i < 6; ++i) {
        patience.spend(9'999);
        patience.earn(1);
    }
    EXPECT_EQ(patience.left_ms(), 12U);
    patience.spend(20);
    EXPECT_EQ(patience.left_ms(), 0U);
}

TEST(Patience, IsWholeAgainForWhoeverSendsALot) {
    Patience patience(60'000);
    patience.spend(50'000);
    patience.earn(1'000'000'000);
    EXPECT_EQ(patience.left_ms(), 60'000U);
}

}  // namespace
}  // namespace wse::net
