// SPDX-License-Identifier: MIT
#include "net/upstream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "net/socket.h"

namespace wse::net {

Upstream::Upstream(Poller &poller, int fd, Owner &owner)
    : poller_(poller), owner_(&owner), fd_(fd), watched_(poller.watch(fd, *this).ok()) {}

Upstream::~Upstream() {
    close();
}

void Upstream::close() {
    if (fd_ < 0) return;
    poller_.forget(fd_, *this);
    ::close(fd_);
    fd_ = -1;
}

void Upstream::end(std::unique_ptr<Upstream> upstream) {
    if (!upstream) return;
    upstream->close();
    Poller &poller = upstream->poller_;
    poller.bury(std::move(upstream));
}

int Upstream::connect_error() const {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

ssize_t Upstream::read(std::span<char> into) {
    return Socket::read_from(fd_, into);
}

ssize_t Upstream::write(std::string_view bytes) {
    return Socket::write_to(fd_, bytes);
}

void Upstream::shut_down_writing() {
    shutdown(fd_, SHUT_WR);
}

}  // namespace wse::net
