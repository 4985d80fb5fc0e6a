// SPDX-License-Identifier: MIT
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/address.h"

namespace wse::net {
namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn

Error cannot_bind(const Address &address, int why) {
    std::string text = "cannot bind " + address.text() + ": ";
    switch (why) {
        case EACCES:
            return {WSE_EDENIED, text +
                                     "permission denied; a port below 1024 needs root or "
                                     "CAP_NET_BIND_SERVICE, or take a higher one"};
        case EADDRINUSE:
            return {WSE_EIO, text + "address already in use; `ss -ltnp` shows by whom"};
        case EADDRNOTAVAIL:
            return {WSE_EIO, text + "no interface of this machine has that address"};
        default:
            return {WSE_EIO, text + std::strerror(why)};
    }
}

void turn_on(int fd, int level, int option) {
    const int on = 1;
    setsockopt(fd, level, option, &on, sizeof on);
}

// The first socket of an address binds alone: with SO_REUSEPORT set before, the kernel would let
// two servers of one user share a port unnoticed, and could choose a port that is in use.
int open_listening(const Address &address, bool first) {
    const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
    if (address.storage.ss_family == AF_INET6) turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (!first) turn_on(fd, SOL_SOCKET, SO_REUSEPORT);
    if (bind(fd, address.raw(), address.size) == 0) {
        if (first) turn_on(fd, SOL_SOCKET, SO_REUSEPORT);
        if (listen(fd, kBacklog) == 0) return fd;
    }
    const int why = errno;
    ::close(fd);
    return -why;
}

}  // namespace

Result<Bound> bind_address(std::string_view text, size_t count) {
    Result<Address> parsed = parse_address(text);
    if (!parsed.ok()) return parsed.error();
    Address &address = *parsed;
    Bound bound;
    for (size_t i = 0; i < count; ++i) {
        const int fd = open_listening(address, i == 0);
        if (fd < 0) {
            for (const int opened : bound.fds) ::close(opened);
            return cannot_bind(address, -fd);
        }
        bound.fds.push_back(fd);
        if (i == 0) {  // the others take the port that the kernel chose for it
            getsockname(fd, reinterpret_cast<sockaddr *>(&address.storage), &address.size);
        }
    }
    bound.address = address.text();
    return bound;
}

}  // namespace wse::net
