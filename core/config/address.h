// SPDX-License-Identifier: MIT
// What listeners are told: addresses, origins, the URL of a fallback. Syntax only, no name is
// looked up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wse::config {

struct Address {
    std::string ip;  // "0.0.0.0", "::1" (without brackets)
    uint16_t port = 0;
    bool is_v6 = false;

    bool operator==(const Address &) const = default;
};

// "0.0.0.0:5006", "[::1]:5006". Names are refused: what they mean may change under a server.
Result<Address> parse_address(std::string_view text);

// 127.0.0.0/8 or ::1, which nobody reaches from another machine.
bool is_loopback(const Address &address);

// An http origin as browsers send it, "https://app.example.com:8443"; or "*".
Result<void> check_origin(std::string_view text);

// "none", "builtin", "http://host:port" or "unix:/path".
Result<void> check_fallback(std::string_view text);

}  // namespace wse::config
