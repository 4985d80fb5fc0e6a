// SPDX-License-Identifier: MIT
// Socket: an accepted connection's descriptor, its peer and its place in the limits. Closing it
// gives the place back. Reading and writing go through here alone, since TLS may stand here.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <memory>
#include <span>
#include <string_view>

#include "net/connection_limits.h"
#include "net/handler.h"
#include "net/tls_stream.h"

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

    // A proxy has said for whom it connects, whose certificate nobody has seen. False: the limit of
    // that address is reached. That of another proxy is not counted (`by_proxy`): it speaks for
    // many.
    bool speak_for(const sockaddr_storage &client, bool by_proxy);
    // That proxy is about to say for whom it connects next.
    void speak_again(Peer proxy);
    // What comes first, without taking it.
    ssize_t peek(std::span<char> into) const;

    // What is read and written from now on is TLS; its handshake() comes before.
    void begin_tls(Ref<const TlsContext> context);
    TlsStream *tls() { return tls_.get(); }  // null: none
    bool is_tls() const { return tls_ != nullptr; }
    // The handshake is done: the peer is who its certificate says.
    void end_handshake() { peer_.subject = tls_->subject(); }
    // The peer speaks no TLS, and is to be told so.
    void drop_tls() { tls_.reset(); }

    // Bytes moved; 0 from read: the peer has ended; below 0: a negated errno, -EAGAIN for later.
    // Over TLS, who writes again after -EAGAIN begins with the same bytes.
    ssize_t read(std::span<char> into) { return tls_ ? tls_->read(into) : read_from(fd_, into); }
    ssize_t write(std::span<const iovec> pieces) {
        return tls_ ? tls_->write(pieces) : write_to(fd_, pieces);
    }
    ssize_t write(std::string_view bytes);
    // read() has more to say, and no event will tell.
    bool has_more() const { return tls_ && tls_->has_more(); }
    // Is this an event (EPOLL*) after which to write again?
    bool may_write(uint32_t events) const;
    // False: TLS has no room yet to say that nothing follows; again after an event.
    bool shut_down_writing();
    // The peer is to see that something is missing: close() will reset the connection.
    void reset_on_close();
    void close();

    // The same for any stream descriptor. Never SIGPIPE.
    static ssize_t read_from(int fd, std::span<char> into);
    static ssize_t write_to(int fd, std::span<const iovec> pieces);
    static ssize_t write_to(int fd, std::string_view bytes);

private:
    int fd_ = -1;
    Peer peer_;
    ConnectionLimits::Ticket ticket_;
    std::unique_ptr<TlsStream> tls_;
};

}  // namespace wse::net
