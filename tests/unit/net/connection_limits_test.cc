// SPDX-License-Identifier: MIT
#include "net/connection_limits.h"

#include "net/address.h"

namespace wse::net {
namespace {

sockaddr_storage from(const char *address) {
    return parse_address(address)->storage;
}

TEST(ConnectionLimits, CountsAllConnections) {
    ConnectionLimits limits(2, 0);
    auto first = limits.admit(from("10.0.0.1:1"));
    auto second = limits.admit(from("10.0.0.2:1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(limits.admit(from("10.0.0.3:1")));
    first = {};
    EXPECT_TRUE(limits.admit(from("10.0.0.3:1")));
    EXPECT_EQ(limits.total(), 1U);
}

TEST(ConnectionLimits, CountsConnectionsOfOneAddress) {
    ConnectionLimits limits(0, 1);
    const auto first = limits.admit(from("10.0.0.1:1"));
    EXPECT_FALSE(limits.admit(from("10.0.0.1:2")));
    EXPECT_TRUE(limits.admit(from("10.0.0.2:1")));
}

TEST(ConnectionLimits, TakesTheNetworkOfAnIpv6Address) {
    EXPECT_EQ(address_key(from("[2001:db8::1]:1")), address_key(from("[2001:db8::ffff:2]:9")));
    EXPECT_NE(address_key(from("[2001:db8::1]:1")), address_key(from("[2001:db8:0:1::1]:1")));
    EXPECT_EQ(address_key(from("[::ffff:10.0.0.1]:1")), address_key(from("10.0.0.1:1")));
}

TEST(ConnectionLimits, NamesAnAddressAsItCountsIt) {
    EXPECT_EQ(address_name("2001:db8::1"), address_name("2001:db8::ffff:2"));
    EXPECT_NE(address_name("2001:db8::1"), address_name("2001:db8:0:1::1"));
    EXPECT_NE(address_name("10.0.0.1"), address_name("10.0.0.2"));
    EXPECT_EQ(address_name("::ffff:10.0.0.1"), address_name("10.0.0.1"));
    EXPECT_EQ(address_name("local"), address_name(""));
}

TEST(ConnectionLimits, CountsRelaysForThemselves) {
    ConnectionLimits limits(1, 1, 2);
    auto first = limits.admit_relay();
    const auto second = limits.admit_relay();
    EXPECT_FALSE(limits.admit_relay());
    EXPECT_EQ(limits.total(), 0U);
    first = {};
    EXPECT_TRUE(limits.admit_relay());
}

TEST(ConnectionLimits, TakesAConnectionBackFromTheClientOfAProxy) {
    ConnectionLimits limits(0, 1);
    auto proxy = limits.admit_proxy();
    const auto other_proxy = limits.admit_proxy();
    EXPECT_TRUE(proxy.move_to(from("10.0.0.1:1")));
    EXPECT_FALSE(limits.admit(from("10.0.0.1:2")));
    proxy.move_to_proxies();
    EXPECT_TRUE(limits.admit(from("10.0.0.1:2")));
}

TEST(ConnectionLimits, HasNoLimitAtZero) {
    ConnectionLimits limits(0, 0);
    std::vector<ConnectionLimits::Ticket> tickets;
    for (int i = 0; i < 100; ++i) tickets.push_back(limits.admit(from("10.0.0.1:1")));
    EXPECT_EQ(limits.total(), 100U);
    tickets.clear();
    EXPECT_EQ(limits.total(), 0U);
}

TEST(ConnectionLimits, CountsTheClientsOfAProxyOnceTheyAreKnown) {
    ConnectionLimits limits(4, 1);
    auto first = limits.admit_proxy();
    auto second = limits.admit_proxy();
    auto third = limits.admit_proxy();
    EXPECT_TRUE(first.move_to(from("10.0.0.1:1")));
    EXPECT_FALSE(second.move_to(from("10.0.0.1:2")));
    EXPECT_TRUE(second.move_to(from("10.0.0.2:1")));
    EXPECT_TRUE(first.move_to(from("10.0.0.1:9")));
    EXPECT_EQ(limits.total(), 3U);
    first = {};
    EXPECT_TRUE(third.move_to(from("10.0.0.1:1")));
    second = {};
    third = {};
    EXPECT_EQ(limits.total(), 0U);
}

TEST(ConnectionLimits, CountsProxiesAmongAll) {
    ConnectionLimits limits(1, 0);
    const auto first = limits.admit_proxy();
    EXPECT_TRUE(first);
    EXPECT_FALSE(limits.admit_proxy());
}

}  // namespace
}  // namespace wse::net
