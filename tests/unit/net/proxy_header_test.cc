// SPDX-License-Identifier: MIT
#include "net/proxy_header.h"

#include <string>
#include <vector>

#include "net/address.h"

namespace wse::net {
namespace {

using State = ProxyHeader::State;
using std::string_literals::operator""s;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string kAddresses4 = "\xcb\0\x71\x09\xc0\0\x02\x01\xc8\x22\x01\xbb"s;

std::string binary(char command, char family, const std::string &rest) {
    const auto size = rest.size();
    return kSignature + command + family + static_cast<char>(size >> 8) + static_cast<char>(size) +
           rest;
}

std::string client(const ProxyHeader &header) {
    if (!header.client) return "none";
    const Peer peer = peer_of(*header.client);
    return peer.ip + ' ' + std::to_string(peer.port);
}

TEST(ProxyHeader, SaysForWhomAProxyConnects) {
    struct Case {
        std::string bytes;
        const char *client;
    };
    const std::string v6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + '\x09';
    for (const Case &example : std::vector<Case>{
             {"PROXY TCP4 203.0.113.9 192.0.2.1 51234 443\r\n", "203.0.113.9 51234"},
             {"PROXY TCP6 2001:db8::9 2001:db8::1 5 443\r\n", "2001:db8::9 5"},
             {"PROXY UNKNOWN\r\n", "none"},
             {"PROXY UNKNOWN ffff::1 anything 1\r\n", "none"},
             {binary('\x21', '\x11', kAddresses4), "203.0.113.9 51234"},
             {binary('\x21', '\x11', kAddresses4 + "\x04\0\x02xx"s), "203.0.113.9 51234"},
             {binary('\x21', '\x21', v6 + v6 + "\0\x05\x01\xbb"s), "2001:db8::9 5"},
             {binary('\x20', '\x11', kAddresses4), "none"},
             {binary('\x20', '\0', ""), "none"},
             {binary('\x21', '\0', ""), "none"},
             {binary('\x21', '\x31', std::string(216, 'x')), "none"},
         }) {
        const ProxyHeader header = read_proxy_header(example.bytes + "GET /");
        EXPECT_EQ(header.state, State::kDone) << example.bytes;
        EXPECT_EQ(header.size, example.bytes.size());
        EXPECT_EQ(client(header), example.client);
        // However little has come, it is not yet malformed.
        for (size_t size = 0; size < example.bytes.size(); ++size) {
            EXPECT_EQ(read_proxy_header(std::string_view(example.bytes).substr(0, size)).state,
                      State::kMore);
        }
    }
}

TEST(ProxyHeader, IsRefusedWhenMalformed) {
    for (const std::string &bytes : std::vector<std::string>{
             "GET / HTTP/1.1\r\n",
             "PROXY TCP4 203.0.113.9 192.0.2.1 51234\r\n",
             "PROXY TCP4 203.0.113.9 192.0.2.1 51234 443 9\r\n",
             "PROXY TCP4  203.0.113.9 192.0.2.1 51234 443\r\n",
             "PROXY TCP4 203.0.113.9 192.0.2.1 51234 65536\r\n",
             "PROXY TCP4 203.0.113.9 192.0.2.1 -1 443\r\n",
             "PROXY TCP4 203.0.113.9 192.0.2.x 51234 443\r\n",
             "PROXY TCP4 2001:db8::9 2001:db8::1 5 443\r\n",
             "PROXY TCP6 203.0.113.9 192.0.2.1 51234 443\r\n",
             "PROXY UDP4 203.0.113.9 192.0.2.1 51234 443\r\n",
             "PROXY UNKNOWNS\r\n",
             "PROXY UNKNOWN " + std::string(100, 'x'),
             kSignature + '\x11',
             kSignature + '\x22',
             kSignature + "\x21\x11\x0f\xf1"s,  // one byte over the limit
             binary('\x21', '\x12', kAddresses4),
             binary('\x21', '\x11', kAddresses4.substr(1)),
             binary('\x21', '\x21', kAddresses4),
         }) {
        EXPECT_EQ(read_proxy_header(bytes).state, State::kMalformed) << bytes;
    }
}

}  // namespace
}  // namespace wse::net
