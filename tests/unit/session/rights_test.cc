// SPDX-License-Identifier: MIT
#include "session/rights.h"

#include <gtest/gtest.h>

namespace wse::session {
namespace {

const std::vector<config::TopicRow> kRows = {
    {"user:{sub}:*", true, false},
    {"secret:*", false, false},
    {"*", true, true},
};

bool may(const std::string &user, const std::string &claims, module::Action action,
         const std::string &topic) {
    const module::Identity identity{user, claims, 0};
    auto topics = parse_token_topics(claims);
    return topics && Rights(kRows, identity, *topics, nullptr).may(action, topic);
}

TEST(Rights, TheFirstMatchingRowDecides) {
    using enum module::Action;
    EXPECT_TRUE(may("a", "", kSubscribe, "user:a:inbox"));
    EXPECT_FALSE(may("a", "", kPublish, "user:a:inbox"));
    EXPECT_FALSE(may("a", "", kSubscribe, "secret:x"));
    EXPECT_TRUE(may("a", "", kPublish, "anything"));
}

TEST(Rights, NothingMatchingIsADeny) {
    const module::Identity identity{"a", "", 0};
    const std::vector<config::TopicRow> none;
    EXPECT_FALSE(Rights(none, identity, {}, nullptr).may(module::Action::kSubscribe, "x"));
}

TEST(Rights, TheUserInAPatternIsLiteral) {
    EXPECT_TRUE(match_for_user("user:{sub}:*", "a*", "user:a*:x"));
    EXPECT_FALSE(match_for_user("user:{sub}:*", "a*", "user:ab:x"));
    EXPECT_FALSE(match_for_user("user:{sub}:*", "?", "user:b:x"));
    EXPECT_FALSE(match_for_user("user:{sub}:*", "", "user::x"))
        << "an anonymous session has no user";
    EXPECT_TRUE(match_for_user("{sub}?{sub}*", "u", "u:u!"));
}

TEST(Rights, TheTokenNarrowsWhatTheRowsGrant) {
    using enum module::Action;
    const std::string claims =
        R"({"wse_topics":{"allow":["news:*","secret:*"],"deny":["news:x*"]}})";
    EXPECT_TRUE(may("a", claims, kSubscribe, "news:1"));
    EXPECT_FALSE(may("a", claims, kSubscribe, "news:x1")) << "deny wins";
    EXPECT_FALSE(may("a", claims, kSubscribe, "other"));
    EXPECT_FALSE(may("a", claims, kSubscribe, "secret:1")) << "a token cannot widen";
}

TEST(Rights, AnEmptyAllowListAdmitsNothing) {
    EXPECT_FALSE(may("a", R"({"wse_topics":{"allow":[]}})", module::Action::kSubscribe, "x"));
    EXPECT_TRUE(may("a", R"({"wse_topics":{"deny":[]}})", module::Action::kSubscribe, "x"));
}

TEST(Rights, AMalformedClaimIsAnError) {
    for (const char *claims :
         {R"({"wse_topics":null})", R"({"wse_topics":[]})", R"({"wse_topics":{"allow":"*"}})",
          R"({"wse_topics":{"allow":[1]}})", R"({"wse_topics":{"deny":{}}})",
          R"({"wse_topics":{"denny":["x"]}})", R"({"wse_topics":{"allow":[""]}})", "nonsense"}) {
        EXPECT_FALSE(parse_token_topics(claims).ok()) << claims;
    }
    EXPECT_TRUE(parse_token_topics("").ok());
    EXPECT_TRUE(parse_token_topics(R"({"sub":"a"})").ok());
}

bool may_pattern(const std::vector<config::TopicRow> &rows, const std::string &user,
                 const std::string &claims, const std::string &pattern) {
    const module::Identity identity{user, claims, 0};
    return Rights(rows, identity, *parse_token_topics(claims), nullptr)
        .may_subscribe_pattern(pattern);
}

TEST(Rights, APatternIsAdmittedWhereSomeRowMayGrantSomethingInIt) {
    const std::vector<config::TopicRow> rows = {{.match = "user:{sub}:*", .subscribe = true},
                                                {.match = "secret:*", .subscribe = false},
                                                {.match = "news:?", .subscribe = true}};
    EXPECT_TRUE(may_pattern(rows, "ann", "", "user:ann:*"));
    EXPECT_TRUE(may_pattern(rows, "ann", "", "*"));
    EXPECT_TRUE(may_pattern(rows, "ann", "", "user:???:x"));
    EXPECT_TRUE(may_pattern(rows, "ann", "", "news:*"));
    EXPECT_FALSE(may_pattern(rows, "ann", "", "user:ben:*"));
    EXPECT_FALSE(may_pattern(rows, "ann", "", "secret:*"));
    EXPECT_FALSE(may_pattern(rows, "ann", "", "news:??*"));
    EXPECT_FALSE(may_pattern(rows, "", "", "user:*")) << "an anonymous session has no user";
}

TEST(Rights, ATokenAdmitsPatternsThatItsAllowListMeets) {
    const std::vector<config::TopicRow> rows = {{.match = "*", .subscribe = true}};
    const std::string claims = R"({"wse_topics":{"allow":["a:*"],"deny":["a:x:*"]}})";
    EXPECT_TRUE(may_pattern(rows, "u", claims, "*"));
    EXPECT_TRUE(may_pattern(rows, "u", claims, "a:x:*")) << "decided topic by topic";
    EXPECT_FALSE(may_pattern(rows, "u", claims, "b:*"));
    EXPECT_FALSE(may_pattern(rows, "u", R"({"wse_topics":{"allow":[]}})", "*"));
    EXPECT_TRUE(may_pattern(rows, "u", R"({"wse_topics":{"deny":["b"]}})", "b*"));
}

}  // namespace
}  // namespace wse::session
