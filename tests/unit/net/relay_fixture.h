// SPDX-License-Identifier: MIT
// What the tests of relays share: the application behind the server, and the server before it.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "unit/net/loopback.h"

namespace wse::test {

// A listening socket, accepted from by the test.
class Application {
public:
    Application() : bound_(*net::bind_address("127.0.0.1:0", 1)) {
        const timeval patience{10, 0};
        setsockopt(bound_.fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        fcntl(bound_.fds[0], F_SETFL, 0);  // the test's thread waits in accept()
    }
    ~Application() { ::close(bound_.fds[0]); }
    const std::string &address() const { return bound_.address; }
    AcceptedFd accept_fd() { return {::accept(bound_.fds[0], nullptr, nullptr)}; }
    Client accept() { return Client(accept_fd()); }

private:
    net::Bound bound_;
};

inline Loopback::Options relaying_to(const std::string &address) {
    Loopback::Options options;
    options.fallback = *net::connector_to(address);
    return options;
}

// With a clock that the test moves.
inline Loopback::Options standing_still(const std::string &address) {
    Loopback::Options options = relaying_to(address);
    options.real_clock = false;
    return options;
}

constexpr const char *kGet = "GET /app?token=x HTTP/1.1\r\nHost: a.example\r\n\r\n";
constexpr const char *kLastGet =
    "GET /app?token=x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
constexpr const char *kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr const char *kLastAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

}  // namespace wse::test
