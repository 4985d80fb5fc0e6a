// SPDX-License-Identifier: MIT
#include "base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace wse {
namespace {

constexpr unsigned kMappedBits = 96;  // before the IPv4 address in ::ffff:a.b.c.d
constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error refuse(std::string_view text, std::string_view why) {
    return {WSE_EINVAL, '\'' + std::string(text) + "' " + std::string(why)};
}

// The unsigned value of a prefix length that is at most `most`; `most` + 1 for anything else.
unsigned prefix_length(std::string_view digits, unsigned most) {
    unsigned bits = 0;
    const char *const end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, bits);
    return failure == std::errc() && stop == end ? std::min(bits, most + 1) : most + 1;
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
    const size_t slash = text.find('/');
    const std::string ip(text.substr(0, slash));
    Bytes bytes{};
    std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
    const bool v4 = inet_pton(AF_INET, ip.c_str(), bytes.data() + kMapped.size()) == 1;
    if (!v4 && inet_pton(AF_INET6, ip.c_str(), bytes.data()) != 1) {
        return refuse(text, "is no IP address or network");
    }
    const unsigned most = v4 ? 32 : 128;
    unsigned bits = most;
    if (slash != std::string_view::npos) bits = prefix_length(text.substr(slash + 1), most);
    if (bits > most) {
        return refuse(text,
                      "has no prefix length from 0 to " + std::to_string(most) + " behind its '/'");
    }
    const Network network(bytes, v4 ? kMappedBits + bits : bits);
    for (unsigned bit = network.bits_; bit < 128; ++bit) {
        if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            return refuse(text, "has bits behind its prefix");
        }
    }
    return network;
}

bool Network::is_everybody() const {
    const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
    return bits_ == 0 || (bits_ == kMappedBits && mapped);
}

bool Network::contains(const sockaddr_storage &address) const {
    Bytes bytes{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
        std::memcpy(bytes.data() + kMapped.size(), &v4.sin_addr, sizeof v4.sin_addr);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::memcpy(bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    } else {
        return false;
    }
    return covers(bytes);
}

bool Network::covers(const Bytes &address) const {
    const unsigned whole = bits_ / 8;
    if (!std::equal(bytes_.begin(), bytes_.begin() + whole, address.begin())) return false;
    const unsigned rest = bits_ % 8;
    if (rest == 0) return true;
    return ((bytes_[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool any_contains(std::span<const Network> networks, const sockaddr_storage &address) {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Network &network) { return network.contains(address); });
}

}  // namespace wse
