// SPDX-License-Identifier: MIT
#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace wse {
namespace {

sockaddr_storage address(const std::string &text) {
    sockaddr_storage storage{};
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        std::memcpy(&storage, &v4, sizeof v4);
    } else {
        EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
        v6.sin6_family = AF_INET6;
        std::memcpy(&storage, &v6, sizeof v6);
    }
    return storage;
}

bool contains(const char *network, const std::string &text) {
    return Network::parse(network)->contains(address(text));
}

TEST(Network, ContainsWhatBeginsAlike) {
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("192.168.4.0/23", "192.168.5.255"));
    EXPECT_FALSE(contains("192.168.4.0/23", "192.168.6.0"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.7"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("::/0", "203.0.113.7"));
}

TEST(Network, OfOneAddressIsThatAddress) {
    EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(contains("::1", "::1"));
}

TEST(Network, TakesAMappedAddressForWhatItIs) {
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(Network, HasNothingThatIsNoIpAddress) {
    EXPECT_FALSE(Network::parse("::/0")->contains(sockaddr_storage{}));
}

TEST(Network, IsRefusedWithTheReason) {
    struct Case {
        const char *text;
        const char *why;
    };
    for (const Case &example : {
             Case{"", "'' is no IP address or network"},
             Case{"proxy", "'proxy' is no IP address or network"},
             Case{"10.0.0/8", "'10.0.0/8' is no IP address or network"},
             Case{"10.0.0.0/33", "'10.0.0.0/33' has no prefix length from 0 to 32 behind its '/'"},
             Case{"10.0.0.0/", "'10.0.0.0/' has no prefix length from 0 to 32 behind its '/'"},
             Case{"10.0.0.0/-1", "'10.0.0.0/-1' has no prefix length from 0 to 32 behind its '/'"},
             Case{"::/129", "'::/129' has no prefix length from 0 to 128 behind its '/'"},
             Case{"10.0.0.1/8", "'10.0.0.1/8' has bits behind its prefix"},
         }) {
        const auto parsed = Network::parse(example.text);
        ASSERT_FALSE(parsed.ok()) << example.text;
        EXPECT_EQ(parsed.error().text, example.why);
    }
}

}  // namespace
}  // namespace wse
