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
    return answer_as<Identity>(judge_identity("auth_x", WSE_OK, &result));
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
    EXPECT_FALSE(judge_identity("auth_x", WSE_OK, nullptr));
}

TEST(Answer, WithATruncatedResultIsRefusedWithBothNumbers) {
    wse_auth_result result = {8, 0, bytes("alice"), {}, 0};
    const auto identity = judge_identity("auth_x", WSE_OK, &result);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().text,
              "module auth_x gave an unsound answer: wse_auth_result says it has 8 bytes, in ABI "
              "1.0 it has 48");
}

TEST(Answer, WithNullPointersAndLengthsIsRefused) {
    wse_auth_result result = {sizeof result, 0, {nullptr, 5}, {}, 0};
    EXPECT_FALSE(judge_identity("auth_x", WSE_OK, &result));
    result = {sizeof result, 0, bytes("alice"), {nullptr, 5}, 0};
    EXPECT_FALSE(judge_identity("auth_x", WSE_OK, &result));
}

TEST(Answer, WithAFailureKeepsItsStatusAndIgnoresTheResult) {
    const wse_auth_result result = {sizeof result, 0, bytes("alice"), {}, 0};
    EXPECT_EQ(judge_identity("auth_x", WSE_EDENIED, &result).error().status, WSE_EDENIED);
    EXPECT_EQ(judge_identity("auth_x", WSE_EAGAIN, nullptr).error().status, WSE_EAGAIN);
}

TEST(Answer, WithAnUnknownStatusIsAFailure) {
    EXPECT_EQ(judge_identity("auth_x", 1, nullptr).error().status, WSE_EIO);
    EXPECT_EQ(judge_identity("auth_x", -77, nullptr).error().text,
              "module auth_x refused: status -77");
}

TEST(Answer, NeverShowsTheUserOrTheClaimsInItsError) {
    EXPECT_EQ(judge("s3cret\n").error().text.find("s3cret"), std::string::npos);
    EXPECT_EQ(judge("alice", "[\"s3cret\"]").error().text.find("s3cret"), std::string::npos);
}

Result<Snapshot> judge_state(std::string_view data, std::string_view type = {}) {
    const wse_snapshot snapshot = {sizeof snapshot, 1, bytes(data), bytes(type), 7, 42};
    return answer_as<Snapshot>(judge_snapshot("snapshot_x", WSE_OK, &snapshot, 64));
}

TEST(Answer, WithASnapshotIsCopiedWithItsPosition) {
    const auto snapshot = judge_state("[1]", "orders_snapshot");
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->data, "[1]");
    EXPECT_EQ(snapshot->type, "orders_snapshot");
    ASSERT_TRUE(snapshot->as_of);
    EXPECT_EQ(snapshot->as_of->epoch, 7u);
    EXPECT_EQ(snapshot->as_of->offset, 42u);
}

TEST(Answer, WithASnapshotThatSaysNothingOfAPositionHasNone) {
    const wse_snapshot snapshot = {sizeof snapshot, 0, bytes("{}"), {}, 7, 42};
    EXPECT_FALSE(answer_as<Snapshot>(judge_snapshot("snapshot_x", WSE_OK, &snapshot, 64))->as_of);
}

TEST(Answer, WithASnapshotThatClientsCouldNotReadIsRefused) {
    for (const char *data : {"", "{", "\xff", "{} {}"}) EXPECT_FALSE(judge_state(data)) << data;
    for (const char *type : {"error", "a_snapshot\n", "snap"})
        EXPECT_FALSE(judge_state("{}", type)) << type;
    EXPECT_TRUE(judge_state("{}", "snapshot_of_orders"));
}

TEST(Answer, WithASnapshotOverTheLimitSaysSo) {
    const auto snapshot = judge_state('"' + std::string(63, 'x') + '"');
    ASSERT_FALSE(snapshot);
    EXPECT_EQ(snapshot.error().status, WSE_ETOOBIG);
    EXPECT_EQ(snapshot.error().text,
              "module snapshot_x gave an unsound answer: data has 65 bytes, the limit is 64");
}

TEST(Answer, WithAPlaceNeedsAnEpochAndAnOffset) {
    EXPECT_TRUE(judge_place("backplane_x", WSE_OK, {1, 1}));
    EXPECT_FALSE(judge_place("backplane_x", WSE_OK, {0, 1}));
    EXPECT_FALSE(judge_place("backplane_x", WSE_OK, {1, 0}));
    EXPECT_FALSE(judge_place("backplane_x", WSE_OK, {uint64_t{1} << 32, 1}));
    EXPECT_EQ(judge_place("backplane_x", WSE_EAGAIN, {}).error().status, WSE_EAGAIN);
}

TEST(Answer, OfAnApplicationIsCheckedAsAnIdentityIs) {
    const auto judge_one = [](std::string_view user, std::string_view data) {
        const wse_reply reply = {sizeof reply, 0, bytes(user), bytes(data), 5};
        return answer_as<Reply>(judge_reply("app_x", WSE_OK, &reply));
    };
    ASSERT_TRUE(judge_one("alice", "{}"));
    EXPECT_EQ(judge_one("alice", "{}")->expires_ms, 5u);
    EXPECT_TRUE(judge_one("", ""));
    EXPECT_FALSE(judge_one("a\n", ""));
    EXPECT_FALSE(judge_one("alice", "{"));
}

TEST(Answer, ToAnOperatorIsJsonOrASentence) {
    const auto judge_one = [](int32_t status, std::string_view said) {
        return answer_as<CommandAnswer>(judge_command("backplane_x", status, bytes(said)));
    };
    ASSERT_TRUE(judge_one(WSE_OK, "[1]"));
    EXPECT_EQ(judge_one(WSE_OK, "[1]")->json, "[1]");
    for (const char *said : {"", "{", "\xff"}) EXPECT_FALSE(judge_one(WSE_OK, said)) << said;
    EXPECT_EQ(judge_one(WSE_ENOTFOUND, "no such letter").error().text, "no such letter");
    EXPECT_EQ(judge_one(WSE_ENOTFOUND, "no\nletter").error().text,
              "module backplane_x refused: no such object");
    EXPECT_EQ(judge_one(WSE_ENOTFOUND, "").error().status, WSE_ENOTFOUND);
}

TEST(Answer, WithTheFunctionOfAnotherKindIsAFailure) {
    EXPECT_EQ(answer_as<Snapshot>(judge_place("x", WSE_OK, {1, 1})).error().status, WSE_EIO);
}

}  // namespace
}  // namespace wse::module
