// SPDX-License-Identifier: MIT
#include "http_client/stream.h"

#include <cstring>
#include <new>
#include <utility>

namespace wse::http {
namespace {

constexpr size_t kReadBlock = 65536;
constexpr size_t kMaxAddresses = 8;  // tried of one name

struct Output {
    uv_write_t request{};
    std::string bytes;
};

}  // namespace

Stream *Stream::connect(uv_loop_t *loop, const Url &url, const TlsContext *tls, StreamCount &count,
                        StreamOwner &owner) {
    auto *stream = new Stream(loop, tls, url, count, owner);
    if (stream->resolve(url)) return stream;
    delete stream;
    throw std::bad_alloc();
}

Stream::Stream(uv_loop_t *loop, const TlsContext *tls, const Url &url, StreamCount &count,
               StreamOwner &owner)
    : loop_(loop), count_(count), owner_(&owner) {
    if (tls) tls_ = std::make_unique<TlsSession>(*tls, url.host);
    ++count_.open;
}

Stream::~Stream() {
    if (--count_.open == 0 && count_.none) count_.none(count_.owner);
}

// No exception passes through libuv. What was thrown for want of memory is a failed connection.
template <class Step>
void Stream::guard(Step step) noexcept {
    try {
        step();
    } catch (const std::bad_alloc &) {
        end("out of memory");
    }
}

// False when there is no memory.
bool Stream::resolve(const Url &url) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    resolver_.data = this;
    resolving_ = uv_getaddrinfo(
                     loop_, &resolver_,
                     [](uv_getaddrinfo_t *resolver, int result, addrinfo *found) noexcept {
                         auto *self = static_cast<Stream *>(resolver->data);
                         self->guard([&] { self->resolved(result, found); });
                         uv_freeaddrinfo(found);
                     },
                     url.host.c_str(), std::to_string(url.port).c_str(), &hints) == 0;
    return resolving_;
}

void Stream::resolved(int status, const addrinfo *found) {
    resolving_ = false;
    if (status != 0) problem_ = std::string("the name: ") + uv_strerror(status);
    for (; found && addresses_.size() < kMaxAddresses; found = found->ai_next) {
        sockaddr_storage address{};
        std::memcpy(&address, found->ai_addr, found->ai_addrlen);
        addresses_.push_back(address);
    }
    try_next();
}

void Stream::try_next() {
    if (closed_) return release_if_closed();
    if (next_address_ == addresses_.size()) return end(problem_);
    const auto *address = reinterpret_cast<const sockaddr *>(&addresses_[next_address_++]);
    uv_tcp_init(loop_, &socket_);
    socket_.data = this;
    has_socket_ = true;
    request_.data = this;
    const int status = uv_tcp_connect(&request_, &socket_, address,
                                      [](uv_connect_t *request, int result) noexcept {
                                          auto *self = static_cast<Stream *>(request->data);
                                          self->guard([&] { self->connected(result); });
                                      });
    if (status != 0) connected(status);
}

void Stream::connected(int status) {
    if (closed_) return;  // the socket is being closed
    if (status != 0) {
        close_socket();  // and then the next address
        problem_ = std::string("connect: ") + uv_strerror(status);
        return;
    }
    connected_ = true;
    uv_tcp_nodelay(&socket_, 1);
    start_reading();
    if (!tls_) return owner_->on_open();
    read_tls("");
}

void Stream::start_reading() {
    buffer_.resize(kReadBlock);
    uv_read_start(
        reinterpret_cast<uv_stream_t *>(&socket_),
        [](uv_handle_t *handle, size_t, uv_buf_t *ret) noexcept {
            std::vector<char> &buffer = static_cast<Stream *>(handle->data)->buffer_;
            *ret = uv_buf_init(buffer.data(), static_cast<unsigned>(buffer.size()));
        },
        [](uv_stream_t *socket, ssize_t n, const uv_buf_t *buffer) noexcept {
            auto *self = static_cast<Stream *>(socket->data);
            self->guard([&] {
                if (n > 0) self->read({buffer->base, static_cast<size_t>(n)});
                if (n < 0) self->read_end(static_cast<int>(n));
            });
        });
}

void Stream::read(std::string_view bytes) {
    if (!owner_) return;
    if (tls_) return read_tls(bytes);
    owner_->on_bytes(bytes);
}

void Stream::read_end(int status) {
    if (status != UV_EOF) return end(uv_strerror(status));
    // A TLS peer that just closes did not say that it was the end.
    end(tls_ ? "the connection was cut off" : "");
}

void Stream::read_tls(std::string_view bytes) {
    std::string plain;
    const TlsSession::Step step = tls_->feed(bytes, plain);
    send(tls_->take_output());
    if (step == TlsSession::Step::kOpen) owner_->on_open();
    if (owner_ && !plain.empty()) owner_->on_bytes(plain);
    if (step == TlsSession::Step::kEnd) end("");
    if (step == TlsSession::Step::kFailed) end(tls_->problem());
}

void Stream::write(std::string bytes) {
    if (!tls_) return send(std::move(bytes));
    if (!tls_->write(bytes)) return;  // the reading side meets the same failure
    send(tls_->take_output());
}

void Stream::send(std::string bytes) {
    if (bytes.empty() || !has_socket_ || closed_) return;
    auto output = std::make_unique<Output>();
    output->bytes = std::move(bytes);
    output->request.data = output.get();
    const uv_buf_t buffer =
        uv_buf_init(output->bytes.data(), static_cast<unsigned>(output->bytes.size()));
    const int status = uv_write(&output->request, reinterpret_cast<uv_stream_t *>(&socket_),
                                &buffer, 1, [](uv_write_t *request, int) noexcept {
                                    // A failure shows on the reading side too.
                                    delete static_cast<Output *>(request->data);
                                });
    if (status == 0) static_cast<void>(output.release());
}

// The text is often ours, and gone when the owner has closed the stream in the call.
void Stream::end(std::string_view problem) noexcept {
    StreamOwner *const owner = std::exchange(owner_, nullptr);
    if (!owner) return;
    try {
        const std::string kept(problem);
        owner->on_end(kept);
    } catch (const std::bad_alloc &) {
        // The owner still has the stream, and gives it up when the time is over.
        owner_ = nullptr;
    }
}

void Stream::close() {
    owner_ = nullptr;
    closed_ = true;
    if (resolving_) uv_cancel(reinterpret_cast<uv_req_t *>(&resolver_));
    close_socket();
    release_if_closed();
}

void Stream::close_socket() {
    auto *handle = reinterpret_cast<uv_handle_t *>(&socket_);
    if (!has_socket_ || uv_is_closing(handle)) return;
    uv_close(handle, [](uv_handle_t *closed) noexcept {
        auto *self = static_cast<Stream *>(closed->data);
        self->has_socket_ = false;
        self->guard([&] { self->try_next(); });
    });
}

void Stream::release_if_closed() {
    if (closed_ && !resolving_ && !has_socket_) delete this;
}

}  // namespace wse::http
