// SPDX-License-Identifier: MIT
#include "module/answer.h"

#include <gtest/gtest.h>

namespace wse::module {
namespace {

wse_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

Result<Identity> judge(std::string_view user, std::string_view claims = {}) {
    const wse_auth_result result = {sizeof result, 0, bytes(user), bytes(claims), 42};
    return judge_answer("auth_x", WSE_OK, &result);
}

TEST(Answer, ThatIsSoundIsCopied) {
    const auto identity = judge("zoë", R"( {"role":"reader"} )");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user, "zoë");
    EXPECT_EQ(identity->claims, R"( {"role":"reader"} )");
    EXPECT_EQ(identity->expires_ms, 42u);
}

TEST(Answer, WithoutClaimsHasNone) {
    const auto identity = judge("alice");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->claims, "");
}

TEST(Answer, WithAnUnsoundUserIsRefused) {
    const std::string_view users[] = {"",
                                      "a\nb",
                                      std::string_view("a\0b", 3),
                                      "\x7f",
                                      "\xc2\x85",
                                      "\xff\xfe",
                                      "\xc0\xaf",
                                      "\xed\xa0\x80",
                                      "\t",
                                      "alice\x1b[31m"};
    for (const auto user : users) {
        const auto identity = judge(user);
        ASSERT_FALSE(identity) << user;
        EXPECT_EQ(identity.error().status, WSE_EDENIED);
    }
}

TEST(Answer, WithAUserOfTheLimitIsTakenAndOneByteMoreIsRefused) {
    EXPECT_TRUE(judge(std::string(256, 'a')));
    EXPECT_FALSE(judge(std::string(257, 'a')));
}

TEST(Answer, WithUnsoundClaimsIsRefused) {
    const std::string_view claims[] = {
        "[]", "\"text\"", "null",  "{",       "{} {}", " ", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}",
        "1",  "{'a':1}",  "{a:1}", "{\"a\":}"};
    for (const auto text : claims) EXPECT_FALSE(judge("alice", text)) << text;
}

TEST(Answer, WithClaimsOfTheLimitIsTakenAndOneByteMoreIsRefused) {
    const auto claims = [](size_t size) {
        return "{\"a\":\"" + std::string(size - 8, 'x') + "\"}";
    };
    EXPECT_TRUE(judge("alice", claims(64 * 1024)));
    EXPECT_FALSE(judge("alice", claims(64 * 1024 + 1)));
}

TEST(Answer, ThatAdmitsWithoutAResultIsRefused) {
    EXPECT_FALSE(judge_answer("auth_x", WSE_OK, nullptr));
}

TEST(Answer, WithATruncatedResultIsRefusedWithBothNumbers) {
    wse_auth_result result = {8, 0, bytes("alice"), {}, 0};
    const auto identity = judge_answer("auth_x", WSE_OK, &result);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().text,
              "module auth_x gave an unsound answer: wse_auth_result says it has 8 bytes, in ABI "
              "1.0 it has 48");
}

TEST(Answer, WithNullPointersAndLengthsIsRefused) {
    wse_auth_result result = {sizeof result, 0, {nullptr, 5}, {}, 0};
    EXPECT_FALSE(judge_answer("auth_x", WSE_OK, &result));
    result = {sizeof result, 0, bytes("alice"), {nullptr, 5}, 0};
    EXPECT_FALSE(judge_answer("auth_x", WSE_OK, &result));
}

TEST(Answer, WithAFailureKeepsItsStatusAndIgnoresTheResult) {
    const wse_auth_result result = {sizeof result, 0, bytes("alice"), {}, 0};
    EXPECT_EQ(judge_answer("auth_x", WSE_EDENIED, &result).error().status, WSE_EDENIED);
    EXPECT_EQ(judge_answer("auth_x", WSE_EAGAIN, nullptr).error().status, WSE_EAGAIN);
}

TEST(Answer, WithAnUnknownStatusIsAFailure) {
    EXPECT_EQ(judge_answer("auth_x", 1, nullptr).error().status, WSE_EIO);
    EXPECT_EQ(judge_answer("auth_x", -77, nullptr).error().text,
              "module auth_x refused: status -77");
}

TEST(Answer, NeverShowsTheUserOrTheClaimsInItsError) {
    EXPECT_EQ(judge("s3cret\n").error().text.find("s3cret"), std::string::npos);
    EXPECT_EQ(judge("alice", "[\"s3cret\"]").error().text.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace wse::module
