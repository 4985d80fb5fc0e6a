// SPDX-License-Identifier: MIT
// An absolute http or https URL, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::http {

struct Url {
    bool tls = false;
    std::string host;  // a name or an address; IPv6 without brackets
    uint16_t port = 0;
    std::string target;  // path and query, from the '/'

    // As in the Host header; the port only where it is not the usual one.
    std::string authority() const;
    // Equal for URLs whose requests may share a connection.
    std::string origin() const;
    // What goes there stays on this host, so that nobody reads or changes it.
    bool is_loopback() const;
};

// Empty for what is none: another scheme, a user in it, blanks, control characters or octets above
// 0x7e, over kMaxUrl bytes. A fragment is cut off.
std::optional<Url> parse_url(std::string_view text);

inline constexpr size_t kMaxUrl = 8192;

// Every octet but letters, digits and - . _ ~ as %XX.
std::string percent_encode(std::string_view text);

}  // namespace wse::http
