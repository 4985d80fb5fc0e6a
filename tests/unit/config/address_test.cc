// SPDX-License-Identifier: MIT
#include "config/address.h"

#include <gtest/gtest.h>

namespace wse::config {
namespace {

TEST(Address, ReadsBothFamilies) {
    EXPECT_EQ(*parse_address("0.0.0.0:5006"), (Address{"0.0.0.0", 5006, false}));
    EXPECT_EQ(*parse_address("[::1]:0"), (Address{"::1", 0, true}));
}

TEST(Address, RefusesTheRest) {
    for (const char *text : {"", ":", ":5006", "5006", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                             "127.0.0.1:-1", "127.0.0.1:65536", "localhost:1", "::1:5006", "[::1]",
                             "[::1", "[]:1", "[127.0.0.1]:1", "1.2.3:4", "127.0.0.1:80 "}) {
        EXPECT_FALSE(parse_address(text).ok()) << text;
    }
}

TEST(Address, KnowsWhatIsLoopback) {
    for (const char *text : {"127.0.0.1:1", "127.8.9.10:0", "[::1]:1", "[0:0:0:0:0:0:0:1]:1"})
        EXPECT_TRUE(is_loopback(*parse_address(text))) << text;
    for (const char *text :
         {"0.0.0.0:1", "128.0.0.1:1", "[::]:1", "[::2]:1", "[1::1]:1", "[::ffff:127.0.0.1]:1"})
        EXPECT_FALSE(is_loopback(*parse_address(text))) << text;
}

TEST(Address, ChecksOrigins) {
    for (const char *text :
         {"*", "https://a.example", "http://localhost:3000", "http://[::1]:80", "app://wse"}) {
        EXPECT_TRUE(check_origin(text).ok()) << text;
    }
    for (const char *text :
         {"", "a.example", "://a", "https://", "https://a/", "https://a?x", "https://a:0",
          "https://a:x", "https://A.example", "https://*.example", "https://a b"}) {
        EXPECT_FALSE(check_origin(text).ok()) << text;
    }
}

TEST(Address, ChecksFallbacks) {
    for (const char *text : {"none", "builtin", "http://127.0.0.1:8000", "http://app:80",
                             "http://[::1]:8000", "unix:/run/app.sock"}) {
        EXPECT_TRUE(check_fallback(text).ok()) << text;
    }
    for (const char *text :
         {"", "None", "http://app", "http://app:0", "https://app:443", "http://app:80/x",
          "http://u@app:80", "app:80", "unix:", "unix:app.sock"}) {
        EXPECT_FALSE(check_fallback(text).ok()) << text;
    }
    EXPECT_FALSE(check_fallback("unix:/" + std::string(107, 'a')).ok());
}

}  // namespace
}  // namespace wse::config
