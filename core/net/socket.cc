// SPDX-License-Identifier: MIT
#include "net/socket.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/address.h"

namespace wse::net {
namespace {

ssize_t receive(int fd, std::span<char> into, int flags) {
    while (true) {
        const ssize_t count = recv(fd, into.data(), into.size(), MSG_DONTWAIT | flags);
        if (count >= 0) return count;
        if (errno != EINTR) return -errno;
    }
}

}  // namespace

Socket::Socket(Socket &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      peer_(std::move(other.peer_)),
      ticket_(std::move(other.ticket_)),
      tls_(std::move(other.tls_)) {}

bool Socket::speak_for(const sockaddr_storage &client, bool by_proxy) {
    if (!by_proxy && !ticket_.move_to(client)) return false;
    // Without a subject: the certificate shown so far is the proxy's own.
    peer_ = peer_of(client);
    return true;
}

void Socket::speak_again(Peer proxy) {
    ticket_.move_to_proxies();
    peer_ = std::move(proxy);
}

ssize_t Socket::peek(std::span<char> into) const {
    return receive(fd_, into, MSG_PEEK);
}

void Socket::begin_tls(Ref<const TlsContext> context) {
    tls_ = std::make_unique<TlsStream>(std::move(context), fd_);
}

ssize_t Socket::write(std::string_view bytes) {
    const iovec piece{const_cast<char *>(bytes.data()), bytes.size()};
    return write({&piece, 1});
}

bool Socket::may_write(uint32_t events) const {
    return (events & EPOLLOUT) || ((events & EPOLLIN) && tls_ && tls_->write_waits_for_input());
}

bool Socket::shut_down_writing() {
    if (tls_ && !tls_->shut_down()) return false;
    shutdown(fd_, SHUT_WR);
    return true;
}

void Socket::reset_on_close() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Socket::close() {
    if (fd_ < 0) return;
    ::close(fd_);
    fd_ = -1;
    tls_.reset();
    ticket_ = ConnectionLimits::Ticket();
}

ssize_t Socket::read_from(int fd, std::span<char> into) {
    return receive(fd, into, 0);
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
