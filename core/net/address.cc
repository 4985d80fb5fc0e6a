// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace wse::net {
namespace {

template <class Sockaddr>
Sockaddr as(const sockaddr_storage &storage) {
    Sockaddr address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

Error bad_address(std::string_view text, const char *why) {
    return {WSE_EINVAL, std::string(text) + ": " + why};
}

std::string connect_error(const std::string &target, const char *why) {
    return "cannot connect to " + target + ": " + why;
}

int connect_to(const Address &address) {
    const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on a Unix socket, and may
    if (connect(fd, address.raw(), address.size) == 0 || errno == EINPROGRESS) return fd;
    const int why = errno;
    ::close(fd);
    return -why;
}

Connector connector(const Address &address, const std::string &name) {
    return [address, name]() -> Result<int> {
        const int fd = connect_to(address);
        if (fd >= 0) return fd;
        return Error{fd == -EAGAIN ? WSE_EAGAIN : WSE_EIO, connect_error(name, std::strerror(-fd))};
    };
}

constexpr std::string_view kUnixScheme = "unix:";

Result<Connector> connector_to_path(std::string_view path) {
    Address address;
    sockaddr_un local{};
    if (path.empty() || path.size() >= sizeof local.sun_path) {
        return bad_address(path, "no path of a Unix socket");
    }
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, path.data(), path.size());
    std::memcpy(&address.storage, &local, sizeof local);
    address.size = sizeof local;
    return connector(address, std::string(path));
}

}  // namespace

Result<HostPort> split_host_port(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad_address(text, "no port; write host:port");
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return bad_address(text, "write an IPv6 address in brackets, as in [::1]:5006");
    }
    if (host.empty()) return bad_address(text, "no host; write 0.0.0.0 or [::] for every address");
    uint16_t port = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), port);
    if (failure != std::errc() || end != digits.end()) {
        return bad_address(text, "the port is not a number from 0 to 65535");
    }
    return HostPort{std::string(host), port};
}

Result<Address> parse_address(std::string_view text) {
    const Result<HostPort> parts = split_host_port(text);
    if (!parts.ok()) return parts.error();
    Address address;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, parts->host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(parts->port);
        std::memcpy(&address.storage, &v4, sizeof v4);
        address.size = sizeof v4;
    } else if (inet_pton(AF_INET6, parts->host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(parts->port);
        std::memcpy(&address.storage, &v6, sizeof v6);
        address.size = sizeof v6;
    } else {
        return bad_address(text,
                           "not a numeric address; write one as 127.0.0.1:5006 or [::1]:5006");
    }
    return address;
}

std::string Address::text() const {
    const Peer peer = peer_of(storage);
    const bool v6 = peer.ip.find(':') != std::string::npos;
    return (v6 ? "[" + peer.ip + "]" : peer.ip) + ":" + std::to_string(peer.port);
}

uint16_t Address::port() const {
    return peer_of(storage).port;
}

Peer peer_of(const sockaddr_storage &storage) {
    char text[INET6_ADDRSTRLEN] = "";
    if (storage.ss_family == AF_INET) {
        const auto v4 = as<sockaddr_in>(storage);
        inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        return {text, ntohs(v4.sin_port)};
    }
    if (storage.ss_family == AF_INET6) {
        const auto v6 = as<sockaddr_in6>(storage);
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
        } else {
            inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        }
        return {text, ntohs(v6.sin6_port)};
    }
    return {"local", 0};
}

Result<Connector> connector_to(std::string_view target) {
    if (target.starts_with(kUnixScheme))
        return connector_to_path(target.substr(kUnixScheme.size()));
    if (target.starts_with("http://")) target.remove_prefix(7);
    if (target.ends_with('/')) target.remove_suffix(1);
    const Result<HostPort> parts = split_host_port(target);
    if (!parts.ok()) return parts.error();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo *found = nullptr;
    const std::string name(target);
    const int failure =
        getaddrinfo(parts->host.c_str(), std::to_string(parts->port).c_str(), &hints, &found);
    if (failure != 0) {
        return Error{WSE_ENOTFOUND, "cannot resolve " + name + ": " + gai_strerror(failure)};
    }
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.size = found->ai_addrlen;
    freeaddrinfo(found);
    return connector(address, name);
}

}  // namespace wse::net
