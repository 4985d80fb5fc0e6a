// SPDX-License-Identifier: MIT
#include "net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/assert.h"
#include "net/tls_bio.h"

namespace wse::net {
namespace {

// What fits into one record, and so leaves with one header and one seal.
constexpr size_t kRecordBytes = 16 * 1024;

// The pieces of a write, taken off in records.
class Pieces {
public:
    explicit Pieces(std::span<const iovec> all) : all_(all) { skip_empty(); }

    bool empty() const { return at_ == all_.size(); }

    // The next record's bytes: in place when one piece fills it, else put together in `room`.
    std::string_view next(std::span<char> room) const {
        const std::string_view first = text(at_).substr(offset_);
        if (first.size() >= room.size()) return first.substr(0, room.size());
        if (at_ + 1 == all_.size()) return first;
        size_t filled = 0;
        for (size_t i = at_; i < all_.size() && filled < room.size(); ++i) {
            const std::string_view piece = i == at_ ? first : text(i);
            const size_t size = std::min(piece.size(), room.size() - filled);
            std::copy_n(piece.data(), size, room.data() + filled);
            filled += size;
        }
        return {room.data(), filled};
    }

    void take(size_t count) {
        while (count > 0) {
            const size_t size = std::min(count, all_[at_].iov_len - offset_);
            offset_ += size;
            count -= size;
            skip_empty();
        }
    }

private:
    std::string_view text(size_t i) const {
        return {static_cast<const char *>(all_[i].iov_base), all_[i].iov_len};
    }

    void skip_empty() {
        while (at_ < all_.size() && offset_ == all_[at_].iov_len) {
            ++at_;
            offset_ = 0;
        }
    }

    std::span<const iovec> all_;
    size_t at_ = 0;
    size_t offset_ = 0;
};

}  // namespace

TlsStream::TlsStream(Ref<const TlsContext> context, int fd)
    : context_(std::move(context)), fd_(fd), session_(SSL_new(context_->first())) {
    WSE_ASSERT(session_, "OpenSSL made no session");
    BIO *const bio = make_socket_bio(fd_);
    SSL_set_bio(session_.get(), bio, bio);
    SSL_set_accept_state(session_.get());
}

TlsStream::~TlsStream() = default;

ssize_t TlsStream::handshake() {
    if (failed_) return -EPROTO;
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(session_.get());
    if (result == 1) return 0;
    const ssize_t why = outcome(result, errno);
    if (why == -EAGAIN) return why;
    failed_ = true;
    if (error_.empty())
        error_ = why == 0 ? "the peer ended" : std::strerror(static_cast<int>(-why));
    return why == 0 ? -ECONNRESET : why;
}

bool TlsStream::is_established() const {
    return SSL_is_init_finished(session_.get()) == 1;
}

std::string TlsStream::subject() const {
    X509 *const certificate = SSL_get0_peer_certificate(session_.get());
    const bool verified = certificate && context_->asks_for_certificate() &&
                          SSL_get_verify_result(session_.get()) == X509_V_OK;
    return verified ? subject_of(*certificate) : std::string();
}

ssize_t TlsStream::read(std::span<char> into) {
    if (end_) return *end_;
    size_t total = 0;
    while (total < into.size()) {
        ERR_clear_error();
        errno = 0;
        size_t count = 0;
        const int result =
            SSL_read_ex(session_.get(), into.data() + total, into.size() - total, &count);
        if (result == 1) {
            total += count;
            continue;
        }
        const ssize_t why = outcome(result, errno);
        if (why != -EAGAIN) end_ = why;
        return total > 0 ? static_cast<ssize_t>(total) : why;
    }
    return static_cast<ssize_t>(total);
}

ssize_t TlsStream::write(std::span<const iovec> pieces) {
    if (failed_) return -EPIPE;
    std::array<char, kRecordBytes> room;
    Pieces left(pieces);
    size_t total = 0;
    write_waits_for_input_ = false;
    while (!left.empty()) {
        const std::string_view record = left.next(room);
        ERR_clear_error();
        errno = 0;
        size_t count = 0;
        const int result = SSL_write_ex(session_.get(), record.data(), record.size(), &count);
        if (result == 1) {
            left.take(count);
            total += count;
            continue;
        }
        write_waits_for_input_ = SSL_want_read(session_.get());
        const ssize_t why = outcome(result, errno);
        if (total > 0) break;  // the next write meets it again
        return why == 0 ? -EPIPE : why;
    }
    return static_cast<ssize_t>(total);
}

// As a negated errno; 0 when the peer has ended.
ssize_t TlsStream::outcome(int result, int error_number) {
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return -EAGAIN;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        case SSL_ERROR_SYSCALL:
            failed_ = true;
            return error_number ? -error_number : 0;
        default:
            break;
    }
    const unsigned long why = ERR_peek_last_error();
    const int reason = ERR_GET_REASON(why);
    plain_http_ = ERR_GET_LIB(why) == ERR_LIB_SSL &&
                  (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST);
    error_ = tls_reason();
    failed_ = true;
    return -EPROTO;
}

bool TlsStream::shut_down() {
    if (failed_ || !is_established()) return true;
    ERR_clear_error();
    const int result = SSL_shutdown(session_.get());
    return result >= 0 || SSL_get_error(session_.get(), result) != SSL_ERROR_WANT_WRITE;
}

}  // namespace wse::net
