// SPDX-License-Identifier: MIT
// Addresses as operators write them, and listening on them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"
#include "net/options.h"

namespace wse::net {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    const sockaddr *raw() const { return reinterpret_cast<const sockaddr *>(&storage); }
    std::string text() const;  // "203.0.113.7:80", "[2001:db8::1]:80"
    uint16_t port() const;
};

// "host:port" or "[v6]:port" as its two parts; "*" and an empty host are not read as anything.
struct HostPort {
    std::string host;
    uint16_t port = 0;
};
Result<HostPort> split_host_port(std::string_view text);

// A numeric address; port 0 lets the kernel choose.
Result<Address> parse_address(std::string_view text);

Peer peer_of(const sockaddr_storage &address);

// Listening sockets of one address, one for each loop; the kernel spreads connections over them.
struct Bound {
    std::vector<int> fds;  // listening, non-blocking, close-on-exec; the caller's
    std::string address;   // with the port that the kernel chose
};

// [main] Before privileges are dropped. An address on which another process listens is an error,
// also when that process would share it.
Result<Bound> bind_address(std::string_view text, size_t count);

// [main] May ask the resolver and so may block. "host:port", also with "http://" in front, or
// "unix:/path". WSE_EAGAIN from the connector: the other side does not accept fast enough.
Result<Connector> connector_to(std::string_view target);

}  // namespace wse::net
