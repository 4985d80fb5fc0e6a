// SPDX-License-Identifier: MIT
// Stream: a TCP connection to a host, with TLS or without, on a libuv loop. It owns itself, since
// closing takes turns of the loop; its owner holds a plain pointer until it calls close().
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http_client/tls.h"
#include "http_client/url.h"

namespace wse::http {

// Told by a stream, never from within a call of its owner's.
class StreamOwner {
public:
    virtual void on_open() = 0;
    virtual void on_bytes(std::string_view bytes) = 0;
    // The last call. `problem` is a sentence, or empty: the peer ended it in good order.
    virtual void on_end(const std::string &problem) = 0;

protected:
    ~StreamOwner() = default;
};

// How many streams have not released their handles.
struct StreamCount {
    uint32_t open = 0;
    void (*none)(void *owner) noexcept = nullptr;  // called when it becomes 0
    void *owner = nullptr;
};

class Stream {
public:
    // May throw std::bad_alloc, as write() may; when its owner does, the stream ends.
    // Resolves the name in libuv's pool, also of an address, so that nothing happens in this
    // call, and tries its addresses in order. `tls` may be null: plain TCP; it must outlive the
    // stream, and so must `count`. Never null.
    static Stream *connect(uv_loop_t *loop, const Url &url, const TlsContext *tls,
                           StreamCount &count, StreamOwner &owner);
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    // After on_open().
    void write(std::string bytes);
    // The owner hears nothing more, and forgets the pointer.
    void close();

private:
    Stream(uv_loop_t *loop, const TlsContext *tls, const Url &url, StreamCount &count,
           StreamOwner &owner);
    ~Stream();
    bool resolve(const Url &url);
    template <class Step>
    void guard(Step step) noexcept;
    void resolved(int status, const addrinfo *found);
    void try_next();
    void connected(int status);
    void start_reading();
    void read(std::string_view bytes);
    void read_tls(std::string_view bytes);
    void send(std::string bytes);
    void read_end(int status);
    void end(std::string_view problem) noexcept;
    void close_socket();
    void release_if_closed();

    uv_loop_t *const loop_;
    StreamCount &count_;
    StreamOwner *owner_;  // null once it is closed or has ended
    std::unique_ptr<TlsSession> tls_;
    std::vector<sockaddr_storage> addresses_;
    size_t next_address_ = 0;
    std::string problem_ = "the name has no address";  // of the last address that was tried
    uv_getaddrinfo_t resolver_{};
    uv_tcp_t socket_{};
    uv_connect_t request_{};
    std::vector<char> buffer_;
    bool resolving_ = false;
    bool has_socket_ = false;
    bool connected_ = false;
    bool closed_ = false;
};

}  // namespace wse::http
