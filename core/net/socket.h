// SPDX-License-Identifier: MIT
// Socket: an accepted connection's descriptor, its peer and its place in the limits. Closing it
// gives the place back. Reading and writing go through here alone, so that TLS can stand here.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <span>

#include "net/connection_limits.h"
#include "net/handler.h"

namespace wse::net {

class Socket {
public:
    Socket() = default;
    Socket(int fd, Peer peer, ConnectionLimits::Ticket ticket)
        : fd_(fd), peer_(std::move(peer)), ticket_(std::move(ticket)) {}
    Socket(Socket &&other) noexcept;
    Socket &operator=(Socket &&) = delete;
    ~Socket() { close(); }

    int fd() const { return fd_; }  // -1: closed or moved on
    const Peer &peer() const { return peer_; }

    // Bytes moved; 0 from read: the peer has ended; below 0: a negated errno, -EAGAIN for later.
    ssize_t read(std::span<char> into) { return read_from(fd_, into); }
    ssize_t write(std::span<const iovec> pieces) { return write_to(fd_, pieces); }
    void shut_down_writing();
    void close();

    // The same for any stream descriptor. Never SIGPIPE.
    static ssize_t read_from(int fd, std::span<char> into);
    static ssize_t write_to(int fd, std::span<const iovec> pieces);
    static ssize_t write_to(int fd, std::string_view bytes);

private:
    int fd_ = -1;
    Peer peer_;
    ConnectionLimits::Ticket ticket_;
};

}  // namespace wse::net
