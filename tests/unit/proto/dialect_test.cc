// SPDX-License-Identifier: MIT
#include "proto/dialect.h"

#include <gtest/gtest.h>

#include "proto/server_messages.h"

namespace wse::proto {
namespace {

TEST(Dialect, IsThatOfTheClientsVersion) {
    EXPECT_EQ(dialect_of("1.3.0"), Dialect::kPrefixed);
    EXPECT_EQ(dialect_of("1.3.1"), Dialect::kPrefixed);
    EXPECT_EQ(dialect_of("2.0.7"), Dialect::kCurrent);
    EXPECT_EQ(dialect_of("2.4.1"), Dialect::kCurrent);
    EXPECT_EQ(dialect_of("10.0"), Dialect::kCurrent);
    EXPECT_EQ(dialect_of(""), Dialect::kCurrent);
}

TEST(Prefixed, HasTheCategoryInFront) {
    EXPECT_EQ(prefixed(R"({"c":"U","t":"news","p":{},"v":1})"), R"(U{"t":"news","p":{},"v":1})");
    EXPECT_EQ(prefixed(R"({"c":"S","t":"x_snapshot","v":1})"), R"(S{"t":"x_snapshot","v":1})");
    EXPECT_EQ(
        prefixed(pong({.client_timestamp = "5", .wall_ms = 7})),
        R"(WSE{"t":"PONG","p":{"client_timestamp":5,"timestamp":5,"server_timestamp":7},"v":1})");
}

TEST(Prefixed, LeavesOtherTextAsItIs) {
    for (const char *text : {"", "PONG:5", "{}", R"({"t":"news"})", R"({"c":"U"})", R"({"c":"U)"})
        EXPECT_EQ(prefixed(text), text);
}

// 1.x clients age every message that has a time by their own clock.
TEST(Prefixed, GreetsWithoutATime) {
    const std::string text = server_ready({.connection_id = "c", .wall_ms = 5, .dated = false});
    EXPECT_EQ(text.find("\"ts\""), std::string::npos) << text;
    EXPECT_NE(server_ready({.connection_id = "c", .wall_ms = 5}).find("\"ts\""), std::string::npos);
}

TEST(ServerHello, HasWhatTransformsReplied) {
    const std::vector<std::string> replies = {
        R"({"features":{"compression":true}})",
        R"({"features":{"encryption":true,"new":1},"key":"abc","limits":{},"ping_interval":1})"};
    const std::string text = server_hello({.ping_interval_ms = 15000, .replies = replies});
    EXPECT_NE(text.find(R"("compression":true)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("encryption":true,"new":1)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"(,"key":"abc")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("ping_interval":15000)"), std::string::npos) << "its own stays";
    EXPECT_EQ(text.find(R"("ping_interval":1,)"), std::string::npos) << text;
}

TEST(ServerHello, OffersNothingThatWasNotAgreed) {
    const std::string text = server_hello({.compression = true, .encryption = true});
    EXPECT_NE(text.find(R"("encryption":false)"), std::string::npos) << text;
    EXPECT_NE(server_ready({.encryption = true}).find(R"("encryption":true)"), std::string::npos)
        << "server_ready says what there is";
}

}  // namespace
}  // namespace wse::proto
