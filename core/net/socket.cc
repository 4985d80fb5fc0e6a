// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wse::net {

Socket::Socket(Socket &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      peer_(std::move(other.peer_)),
      ticket_(std::move(other.ticket_)) {}

void Socket::shut_down_writing() {
    shutdown(fd_, SHUT_WR);
}

void Socket::close() {
    if (fd_ < 0) return;
    ::close(fd_);
    fd_ = -1;
    ticket_ = ConnectionLimits::Ticket();
}

ssize_t Socket::read_from(int fd, std::span<char> into) {
    while (true) {
        const ssize_t count = recv(fd, into.data(), into.size(), MSG_DONTWAIT);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

ssize_t Socket::write_to(int fd, std::span<const iovec> pieces) {
    msghdr message{};
    message.msg_iov = const_cast<iovec *>(pieces.data());
    message.msg_iovlen = pieces.size();
    while (true) {
        const ssize_t count = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

ssize_t Socket::write_to(int fd, std::string_view bytes) {
    const iovec piece{const_cast<char *>(bytes.data()), bytes.size()};
    return write_to(fd, {&piece, 1});
}

}  // namespace wse::net
