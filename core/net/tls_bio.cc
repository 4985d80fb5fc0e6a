// SPDX-License-Identifier: MIT
#include "net/tls_bio.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/assert.h"

namespace wse::net {
namespace {

int descriptor(BIO *bio) {
    return *static_cast<const int *>(BIO_get_data(bio));
}

bool is_for_later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

// Errors are below 0: for OpenSSL 3.2 and later, 0 is an end, of the writing side as well.
int read_socket(BIO *bio, char *into, size_t size, size_t *ret_count) noexcept {
    BIO_clear_retry_flags(bio);
    const ssize_t count = recv(descriptor(bio), into, size, MSG_DONTWAIT);
    if (count > 0) {
        *ret_count = static_cast<size_t>(count);
        return 1;
    }
    *ret_count = 0;
    if (count == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        return 0;
    }
    if (is_for_later(errno)) BIO_set_retry_read(bio);
    return -1;
}

int write_socket(BIO *bio, const char *from, size_t size, size_t *ret_count) noexcept {
    BIO_clear_retry_flags(bio);
    const ssize_t count = send(descriptor(bio), from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    *ret_count = count > 0 ? static_cast<size_t>(count) : 0;
    if (count > 0) return 1;
    if (is_for_later(errno)) BIO_set_retry_write(bio);
    return -1;
}

long control_socket(BIO *bio, int command, long, void *) noexcept {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) ? 1 : 0;
    return 0;
}

BIO_METHOD *make_method() {
    BIO_METHOD *const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of wse");
    WSE_ASSERT(method, "OpenSSL has no more kinds of input and output");
    BIO_meth_set_read_ex(method, read_socket);
    BIO_meth_set_write_ex(method, write_socket);
    BIO_meth_set_ctrl(method, control_socket);
    return method;
}

}  // namespace

bio_st *make_socket_bio(const int &fd) {
    static const BIO_METHOD *const method = make_method();
    BIO *const bio = BIO_new(method);
    BIO_set_data(bio, const_cast<int *>(&fd));
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace wse::net
