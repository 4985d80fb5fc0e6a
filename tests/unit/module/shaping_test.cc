// SPDX-License-Identifier: MIT
#include "module/shaping.h"

#include <gtest/gtest.h>

#include "module/bytes.h"

namespace wse::module {
namespace {

TEST(Shaping, TakesWhatEachMemberCanHave) {
    Shaping shaping;
    EXPECT_EQ(shaping.set(WSE_SHAPE_TYPE, to_bytes("order")), WSE_OK);
    EXPECT_EQ(shaping.set(WSE_SHAPE_PAYLOAD, to_bytes(R"({"a":1})")), WSE_OK);
    EXPECT_EQ(shaping.set(WSE_SHAPE_EXTRA, to_bytes(R"({"cid":"x"})")), WSE_OK);
    EXPECT_EQ(shaping.set(WSE_SHAPE_PRIORITY, to_bytes("8")), WSE_OK);
    EXPECT_EQ(shaping.set(WSE_SHAPE_TIME, to_bytes("1700000000000")), WSE_OK);
    EXPECT_EQ(shaping.type, "order");
    EXPECT_EQ(shaping.payload, R"({"a":1})");
    EXPECT_EQ(shaping.extra, R"({"cid":"x"})");
    EXPECT_EQ(shaping.priority, 8u);
    EXPECT_EQ(shaping.time_ms, 1700000000000u);
    EXPECT_FALSE(shaping.id);
}

TEST(Shaping, RefusesWhatItCannot) {
    Shaping shaping;
    EXPECT_EQ(shaping.set(99, to_bytes("x")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_TYPE, to_bytes("\xff")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_PAYLOAD, to_bytes("[1]")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_PAYLOAD, to_bytes("{")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_PRIORITY, to_bytes("high")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_TIME, to_bytes("12ms")), WSE_EINVAL);
    EXPECT_EQ(shaping.set(WSE_SHAPE_TYPE, {nullptr, 3}), WSE_EINVAL);
    EXPECT_FALSE(shaping.payload);
}

}  // namespace
}  // namespace wse::module
