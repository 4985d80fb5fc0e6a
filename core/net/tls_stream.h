// SPDX-License-Identifier: MIT
// TlsStream: the server's end of one TLS connection over a socket that somebody else owns.
// Everything here: [loop].
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <optional>
#include <span>
#include <string>

#include "net/tls_context.h"

namespace wse::net {

class TlsStream {
public:
    TlsStream(Ref<const TlsContext> context, int fd);
    ~TlsStream();
    TlsStream(const TlsStream &) = delete;
    TlsStream &operator=(const TlsStream &) = delete;

    // 0: it is done; -EAGAIN: when the socket is ready again; else it has failed, see error().
    ssize_t handshake();
    bool is_established() const;
    // Somebody speaks HTTP without TLS, and has got no answer yet.
    bool is_plain_http() const { return plain_http_; }
    const std::string &error() const { return error_; }
    // Of the verified certificate of the client; empty without one.
    std::string subject() const;

    // As Socket's. read() takes all there is, so that less than `into` has room for means that
    // nothing is left, unless has_more(). After -EAGAIN from write() the same bytes come first
    // again; more may follow them.
    ssize_t read(std::span<char> into);
    ssize_t write(std::span<const iovec> pieces);
    // The end of the stream, or an error, has been found behind what read() yielded last.
    bool has_more() const { return end_.has_value(); }
    // Writing goes on when something can be read.
    bool write_waits_for_input() const { return write_waits_for_input_; }

    // Tells the peer that nothing follows. False: there is no room for that yet; again when the
    // socket is ready.
    bool shut_down();

private:
    ssize_t outcome(int result, int error_number);

    const Ref<const TlsContext> context_;
    const int fd_;
    TlsPtr<ssl_st> session_;
    std::string error_;
    std::optional<ssize_t> end_;  // what reading ended with
    bool failed_ = false;
    bool plain_http_ = false;
    bool write_waits_for_input_ = false;
};

}  // namespace wse::net
