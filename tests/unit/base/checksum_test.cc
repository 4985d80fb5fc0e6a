// SPDX-License-Identifier: MIT
#include "base/checksum.h"

#include <gtest/gtest.h>

#include <string_view>

namespace wse {
namespace {

constexpr std::string_view kDigits = "123456789";

TEST(Checksum, IsTheCrcOfZipFiles) {
    EXPECT_EQ(checksum(kDigits.data(), kDigits.size()), 0xcbf43926U);
}

TEST(Checksum, ContinuesWhereAnotherEnded) {
    const uint32_t first = checksum(kDigits.data(), 4);
    EXPECT_EQ(checksum(kDigits.data() + 4, 5, first), 0xcbf43926U);
}

TEST(Checksum, OfNothingIsWhatWasBefore) {
    EXPECT_EQ(checksum(nullptr, 0), 0U);
    EXPECT_EQ(checksum(nullptr, 0, 7), 7U);
}

}  // namespace
}  // namespace wse
