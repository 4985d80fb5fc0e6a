// SPDX-License-Identifier: MIT
#include "admin/command.h"

namespace wse::admin {
namespace {

TEST(Args, GiveAMemberByteForByte) {
    const std::string_view text = R"({"topic":"a", "payload" : {"n":12345678901234567890.10} })";
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document.ok());
    const Args args(document->root(), text);
    EXPECT_EQ(args["topic"].string(), "a");
    EXPECT_EQ(args.text("payload"), R"({"n":12345678901234567890.10})");
    EXPECT_EQ(args.text("absent"), "");
}

}  // namespace
}  // namespace wse::admin
