// SPDX-License-Identifier: MIT
// Network: some IP addresses, as operators write them: "10.0.0.0/8", "2001:db8::/32", or a single
// one. An IPv4 address that is mapped into IPv6 is the same address.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace wse {

// Any thread.
class Network {
public:
    // The error continues the text: "'10.0.0.1/8' has bits behind its prefix".
    static Result<Network> parse(std::string_view text);

    // Every address is in it, or every one of IPv4.
    bool is_everybody() const;

    // False for what is no IP address.
    bool contains(const sockaddr_storage &address) const;

private:
    using Bytes = std::array<uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

    Network(const Bytes &bytes, unsigned bits) : bytes_(bytes), bits_(bits) {}
    // What of the address stands behind the first `bits_` is not looked at.
    bool covers(const Bytes &address) const;

    Bytes bytes_;
    unsigned bits_;
};

bool any_contains(std::span<const Network> networks, const sockaddr_storage &address);

}  // namespace wse
