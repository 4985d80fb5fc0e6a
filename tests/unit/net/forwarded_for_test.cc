// SPDX-License-Identifier: MIT
#include "net/forwarded_for.h"

#include <string>
#include <vector>

#include "net/address.h"

namespace wse::net {
namespace {

std::string client_by(const std::vector<std::string> &values) {
    RequestHead head;
    for (const std::string &value : values) head.headers.push_back({"x-forwarded-for", value});
    const std::vector<Network> trusted = {*Network::parse("10.0.0.0/8"), *Network::parse("::1")};
    const auto client = forwarded_client(head, trusted);
    return client ? peer_of(*client).ip : "none";
}

TEST(ForwardedFor, IsTheLastAddressThatIsNoTrustedProxy) {
    EXPECT_EQ(client_by({"203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(client_by({"6.6.6.6, 203.0.113.9"}), "203.0.113.9");
    EXPECT_EQ(client_by({"6.6.6.6, 203.0.113.9 ,10.0.0.1,::1"}), "203.0.113.9");
    EXPECT_EQ(client_by({"6.6.6.6", "203.0.113.9", "10.0.0.1"}), "203.0.113.9");
}

TEST(ForwardedFor, IsTheFarthestWhenAllAreTrusted) {
    EXPECT_EQ(client_by({"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
}

TEST(ForwardedFor, MayBeWrittenWithAPort) {
    EXPECT_EQ(client_by({"203.0.113.9:51234"}), "203.0.113.9");
    EXPECT_EQ(client_by({"2001:db8::9"}), "2001:db8::9");
    EXPECT_EQ(client_by({"[2001:db8::9]"}), "2001:db8::9");
    EXPECT_EQ(client_by({"[2001:db8::9]:51234"}), "2001:db8::9");
}

TEST(ForwardedFor, EndsAtWhatIsNoAddress) {
    EXPECT_EQ(client_by({}), "none");
    EXPECT_EQ(client_by({""}), "none");
    EXPECT_EQ(client_by({"203.0.113.9, unknown"}), "none");
    EXPECT_EQ(client_by({"203.0.113.9,"}), "none");
    EXPECT_EQ(client_by({"203.0.113.9, unknown, 10.0.0.1"}), "10.0.0.1");
}

}  // namespace
}  // namespace wse::net
