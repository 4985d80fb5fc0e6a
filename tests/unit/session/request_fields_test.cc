// SPDX-License-Identifier: MIT
#include "session/request_fields.h"

#include <gtest/gtest.h>

namespace wse::session {
namespace {

net::RequestHead head_with(std::vector<net::Header> headers, std::string query = "") {
    return {"GET", "/wse", std::move(query), std::move(headers)};
}

config::Listen listen_with(std::vector<std::string> origins, bool token_query = false) {
    config::Listen listen;
    listen.token_cookie = "access_token";
    listen.token_query = token_query;
    listen.origins = std::move(origins);
    return listen;
}

TEST(RequestFields, DecodesQueryValues) {
    EXPECT_EQ(query_value("a=1&b=x%20y+z&a=2", "b"), "x y z");
    EXPECT_EQ(query_value("a=1&a=2", "a"), "1");
    EXPECT_EQ(query_value("a=%2", "a"), "%2");
    EXPECT_EQ(query_value("a=%zz%41", "a"), "%zzA");
    EXPECT_EQ(query_value("ab=1", "a"), "");
    EXPECT_EQ(query_value("topics=a%2Cb,c", "topics"), "a,b,c");
    EXPECT_EQ(query_value("", "a"), "");
}

TEST(RequestFields, FindsACookieAmongOthers) {
    const auto head = head_with({{"cookie", "x=1; access_token=tok; y=2"}, {"cookie", "z=\"q\""}});
    EXPECT_EQ(cookie_value(head, "access_token"), "tok");
    EXPECT_EQ(cookie_value(head, "z"), "q");
    EXPECT_EQ(cookie_value(head, "token"), "");
}

TEST(RequestFields, PrefersTheCookieThenTheHeaderThenTheQuery) {
    using module::Credential;
    const net::Header cookie{"cookie", "access_token=c"};
    const net::Header bearer{"authorization", "bEaReR  b "};
    const auto listen = listen_with({}, true);
    EXPECT_EQ(find_credential(head_with({cookie, bearer}, "token=q"), listen).text, "c");
    const auto from_header = find_credential(head_with({bearer}, "token=q"), listen);
    EXPECT_EQ(from_header.text, "b");
    EXPECT_EQ(from_header.source, Credential::kBearer);
    EXPECT_EQ(find_credential(head_with({}, "token=q"), listen).source, Credential::kQuery);
}

TEST(RequestFields, TakesTheQueryOnlyWhereTheListenerAllowsIt) {
    EXPECT_EQ(find_credential(head_with({}, "token=q"), listen_with({})).source,
              module::Credential::kNone);
}

TEST(RequestFields, CountsWhatScriptsWriteForNothingAsAbsent) {
    for (const char *value : {"", "undefined", "null"}) {
        const auto head = head_with(
            {{"cookie", "access_token=" + std::string(value)}, {"authorization", "Bearer b"}});
        EXPECT_EQ(find_credential(head, listen_with({})).text, "b") << value;
    }
    EXPECT_EQ(find_credential(head_with({{"authorization", "Basic b"}}), listen_with({})).text, "");
}

TEST(RequestFields, AdmitsOriginsExactly) {
    const auto listen = listen_with({"https://app.example.com"});
    const auto admitted = [&](const std::string &origin) {
        return origin_allowed(head_with({{"host", "h"}, {"origin", origin}}), listen);
    };
    EXPECT_TRUE(admitted("https://app.example.com"));
    for (const char *wrong :
         {"https://app.example.com.evil.com", "http://app.example.com",
          "https://app.example.com:444", "https://evil.com/https://app.example.com", "null", "",
          "https://app.example.co"}) {
        EXPECT_FALSE(admitted(wrong)) << wrong;
    }
    EXPECT_TRUE(origin_allowed(head_with({{"host", "h"}}), listen)) << "not a browser";
}

TEST(RequestFields, RefusesTwoOrigins) {
    const net::Header origin{"origin", "https://a.com"};
    EXPECT_FALSE(origin_allowed(head_with({origin, origin}), listen_with({"https://a.com"})));
}

TEST(RequestFields, AnEmptyListAdmitsTheSameOriginAlone) {
    const auto listen = listen_with({});
    EXPECT_TRUE(origin_allowed(head_with({{"host", "h:1"}, {"origin", "http://h:1"}}), listen));
    EXPECT_FALSE(origin_allowed(head_with({{"host", "h:1"}, {"origin", "http://h:2"}}), listen));
    EXPECT_FALSE(origin_allowed(head_with({{"host", "h"}, {"origin", "null"}}), listen));
    EXPECT_TRUE(
        origin_allowed(head_with({{"host", "h"}, {"origin", "http://x"}}), listen_with({"*"})));
}

}  // namespace
}  // namespace wse::session
