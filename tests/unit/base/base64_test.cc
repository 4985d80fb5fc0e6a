// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <gtest/gtest.h>

namespace wse {
namespace {

struct Pair {
    const char *bytes;
    const char *text;
};

class Base64 : public testing::TestWithParam<Pair> {};

TEST_P(Base64, GoesThereAndBack) {
    EXPECT_EQ(base64(GetParam().bytes), GetParam().text);
    EXPECT_EQ(from_base64(GetParam().text), GetParam().bytes);
}

// RFC 4648 section 10.
INSTANTIATE_TEST_SUITE_P(Table, Base64,
                         testing::Values(Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="},
                                         Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg=="},
                                         Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"}));

TEST(Base64Text, HasEveryOctet) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(from_base64(base64(all)), all);
}

class NotBase64 : public testing::TestWithParam<const char *> {};

TEST_P(NotBase64, IsRefused) {
    EXPECT_EQ(from_base64(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Table, NotBase64,
                         testing::Values("Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm8", "Zm9v\n",
                                         " Zg==", "Zg= =", "Z===", "Zh==", "Zm9=", "Zm9_", "Zm-v",
                                         "Zg==Zg==", "Zm=v"));

}  // namespace
}  // namespace wse
