// SPDX-License-Identifier: MIT
#include "session/revocations.h"

#include <gtest/gtest.h>

namespace wse::session {
namespace {

constexpr uint64_t kNow = 1'000'000'000;
constexpr uint64_t kAge = 60'000;

module::Identity identity(const char *user, const char *claims) {
    return {user, claims, 0};
}

TEST(Revocations, OfAUserAreAboutTokensUpToAMoment) {
    Revocations all(10, kAge);
    ASSERT_TRUE(
        all.add({.user = "alice", .issued_before_ms = 500'000, .made_ms = kNow}, kNow).ok());
    EXPECT_TRUE(all.covers(identity("alice", R"({"iat":500})"), kNow));
    EXPECT_TRUE(all.covers(identity("alice", R"({"iat":499.5})"), kNow));
    EXPECT_FALSE(all.covers(identity("alice", R"({"iat":500.5})"), kNow));
    EXPECT_FALSE(all.covers(identity("bob", R"({"iat":1})"), kNow));
}

TEST(Revocations, CoverTokensThatDoNotSayWhenTheyWereIssued) {
    Revocations all(10, kAge);
    ASSERT_TRUE(all.add({.user = "alice", .issued_before_ms = 1, .made_ms = kNow}, kNow).ok());
    for (const char *claims :
         {"", "{}", R"({"iat":"late"})", R"({"iat":null})", R"({"iat":-1})", R"({"iat":1e300})"})
        EXPECT_TRUE(all.covers(identity("alice", claims), kNow)) << claims;
}

TEST(Revocations, OfATokenAreAboutItsIdentifier) {
    Revocations all(10, kAge);
    ASSERT_TRUE(all.add({.token = "t1", .made_ms = kNow}, kNow).ok());
    EXPECT_TRUE(all.covers(identity("alice", R"({"jti":"t1"})"), kNow));
    EXPECT_TRUE(all.covers(identity("bob", R"({"jti":"\u00741"})"), kNow));
    EXPECT_FALSE(all.covers(identity("alice", R"({"jti":"t2"})"), kNow));
    EXPECT_FALSE(all.covers(identity("alice", "{}"), kNow));
}

TEST(Revocations, AreForgottenWithAge) {
    Revocations all(10, kAge);
    ASSERT_TRUE(all.add({.token = "t1", .made_ms = kNow}, kNow).ok());
    EXPECT_TRUE(all.covers(identity("a", R"({"jti":"t1"})"), kNow + kAge - 1));
    EXPECT_FALSE(all.covers(identity("a", R"({"jti":"t1"})"), kNow + kAge));
    EXPECT_TRUE(all.list(kNow + kAge).empty());
}

TEST(Revocations, HaveALimitThatTheOldMakeRoomUnder) {
    Revocations all(2, kAge);
    ASSERT_TRUE(all.add({.token = "t1", .made_ms = kNow}, kNow).ok());
    ASSERT_TRUE(all.add({.user = "alice", .issued_before_ms = 1, .made_ms = kNow}, kNow).ok());
    const auto refused = all.add({.token = "t2", .made_ms = kNow}, kNow);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().text, "there are 2 revocations (limits.revocations)");
    // One that is known takes no more room.
    EXPECT_TRUE(all.add({.token = "t1", .made_ms = kNow + 1}, kNow + 1).ok());
    const uint64_t later = kNow + 2 * kAge;
    EXPECT_TRUE(all.add({.token = "t2", .made_ms = later}, later).ok());
    EXPECT_EQ(all.list(later).size(), 1U);
}

TEST(Revocations, OfAUserNeverAdmitMoreThanBefore) {
    Revocations all(2, kAge);
    ASSERT_TRUE(all.add({.user = "a", .issued_before_ms = 9000, .made_ms = kNow}, kNow).ok());
    ASSERT_TRUE(all.add({.user = "a", .issued_before_ms = 1000, .made_ms = kNow}, kNow).ok());
    EXPECT_TRUE(all.covers(identity("a", R"({"iat":5})"), kNow));
}

}  // namespace
}  // namespace wse::session
