// SPDX-License-Identifier: MIT
// A stream over a pair of sockets, whose room the test decides on, and what it reads them with.
#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/tls_bio.h"
#include "unit/net/identity.h"

namespace wse::net {
namespace {

class SocketPair {
public:
    SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds_.data()), 0); }
    ~SocketPair() {
        for (const int fd : fds_) ::close(fd);
    }
    SocketPair(const SocketPair &) = delete;
    SocketPair &operator=(const SocketPair &) = delete;

    const int &ours() const { return fds_[0]; }
    const int &theirs() const { return fds_[1]; }

    // How much our end took before it was full.
    size_t fill() {
        size_t total = 0;
        for (const size_t size : {size_t{4096}, size_t{1}}) {
            const std::string junk(size, 'x');
            ssize_t count = 0;
            while ((count = ::send(ours(), junk.data(), size, MSG_DONTWAIT)) > 0)
                total += static_cast<size_t>(count);
        }
        return total;
    }
    void take(size_t size) {
        std::string junk(size, '\0');
        EXPECT_EQ(recv(theirs(), junk.data(), size, MSG_WAITALL), static_cast<ssize_t>(size));
    }

private:
    std::array<int, 2> fds_{-1, -1};
};

TEST(TlsStream, SaysGoodbyeWhenThereIsRoom) {
    const test::PemFiles files;
    const test::Identity identity;
    const SystemClock clock;
    TicketKeys tickets(clock);
    std::vector<TlsProblem> problems;
    const auto context =
        TlsContext::make({.listener = "test",
                          .certificates = {files.write("a.pem", identity.certificate_pem())},
                          .keys = {files.write("a.key", identity.key_pem())}},
                         tickets, clock.wall_ms(), problems);
    ASSERT_TRUE(context);
    SocketPair pair;
    TlsStream stream(context, pair.ours());
    const TlsPtr<ssl_ctx_st> client_context(SSL_CTX_new(TLS_client_method()));
    const TlsPtr<ssl_st> client(SSL_new(client_context.get()));
    BIO *const bio = make_socket_bio(pair.theirs());
    SSL_set_bio(client.get(), bio, bio);
    SSL_set_connect_state(client.get());
    for (int i = 0; i < 10 && !stream.is_established(); ++i) {
        SSL_do_handshake(client.get());
        stream.handshake();
    }
    ASSERT_TRUE(stream.is_established());
    // What the handshake left for the client, a ticket, is taken before the junk comes.
    char octet = 0;
    EXPECT_LE(SSL_read(client.get(), &octet, 1), 0);

    const size_t junk = pair.fill();
    EXPECT_FALSE(stream.shut_down());
    EXPECT_FALSE(stream.shut_down());
    pair.take(junk);
    EXPECT_TRUE(stream.shut_down());
    const int result = SSL_read(client.get(), &octet, 1);
    EXPECT_EQ(SSL_get_error(client.get(), result), SSL_ERROR_ZERO_RETURN);
}

TEST(SocketBio, TellsErrorsFromTheEnd) {
    SocketPair pair;
    BIO *const bio = make_socket_bio(pair.ours());
    char octet = 0;
    EXPECT_EQ(BIO_read(bio, &octet, 1), -1);
    EXPECT_TRUE(BIO_should_read(bio));
    pair.fill();
    EXPECT_EQ(BIO_write(bio, "x", 1), -1);
    EXPECT_TRUE(BIO_should_write(bio));
    shutdown(pair.theirs(), SHUT_RDWR);
    EXPECT_EQ(BIO_write(bio, "x", 1), -1);
    EXPECT_FALSE(BIO_should_retry(bio));
    EXPECT_EQ(BIO_read(bio, &octet, 1), 0);
    EXPECT_TRUE(BIO_eof(bio));
    BIO_free(bio);
}

}  // namespace
}  // namespace wse::net
