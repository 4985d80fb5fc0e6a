// SPDX-License-Identifier: MIT
#include "net/relay.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::Loopback;

// The application behind the server: a listening socket, accepted from by the test.
class Upstream {
public:
    Upstream() : bound_(*bind_address("127.0.0.1:0", 1)) {
        const timeval patience{10, 0};
        setsockopt(bound_.fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        fcntl(bound_.fds[0], F_SETFL, 0);  // the test's thread waits in accept()
    }
    ~Upstream() { ::close(bound_.fds[0]); }
    const std::string &address() const { return bound_.address; }
    Client accept() { return Client(test::AcceptedFd{::accept(bound_.fds[0], nullptr, nullptr)}); }

private:
    Bound bound_;
};

Loopback::Options relaying_to(const std::string &address) {
    Loopback::Options options;
    options.fallback = *connector_to(address);
    return options;
}

constexpr const char *kGet = "GET /app?token=x HTTP/1.1\r\nHost: a.example\r\n\r\n";
constexpr const char *kAnswer = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello";

TEST(Relay, CarriesARequestAndItsAnswer) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.send(kGet);
    Client application = upstream.accept();
    const std::string head = application.receive_head();
    EXPECT_EQ(
        head,
        "GET /app?token=x HTTP/1.1\r\nhost: a.example\r\nx-forwarded-for: 127.0.0.1\r\n"
        "x-forwarded-proto: http\r\nx-forwarded-host: a.example\r\nconnection: close\r\n\r\n");
    application.send(kAnswer);
    application.end();
    EXPECT_EQ(client.receive_all(), kAnswer);
    EXPECT_EQ(server.counter(Counter::requests_relayed), 1U);
}

TEST(Relay, TellsTheClientThatItsConnectionEndsWithTheAnswer) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.send(kGet);
    Client application = upstream.accept();
    application.receive_head();
    application.send("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nhello");
    application.end();
    EXPECT_EQ(client.receive_all(), kAnswer);
}

TEST(Relay, Answers502WhenTheFallbackSpeaksSomethingElse) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.send(kGet);
    Client application = upstream.accept();
    application.receive_head();
    application.send("SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
}

TEST(Relay, StreamsABodyAndHoldsBackAClientThatIsFasterThanTheFallback) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    const std::string body(8'000'000, 'b');
    std::thread sender([&] {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
        client.send(body);
    });
    Client application = upstream.accept();
    EXPECT_NE(application.receive_head().find("content-length: 8000000\r\n"), std::string::npos);
    EXPECT_EQ(application.receive(body.size()), body);
    sender.join();
    application.send(kAnswer);
    application.end();
    EXPECT_EQ(client.receive_all(), kAnswer);
}

TEST(Relay, StreamsALongAnswerToASlowReader) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address(), 4096);
    client.send(kGet);
    Client application = upstream.accept();
    application.receive_head();
    const std::string body(8'000'000, 'c');
    std::thread sender([&] {
        application.send("HTTP/1.1 200 OK\r\n\r\n");
        application.send(body);
        application.end();
    });
    client.receive_head();
    EXPECT_EQ(client.receive(body.size()), body);
    EXPECT_TRUE(client.ended());
    sender.join();
}

TEST(Relay, WritesChunksAnewAndStopsAtTheEndOfTheBody) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.drip(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;note=x\r\nabc\r\n0\r\nTrailer: t\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
    Client application = upstream.accept();
    EXPECT_NE(application.receive_head().find("transfer-encoding: chunked\r\n"), std::string::npos);
    std::string body;
    while (!body.ends_with("0\r\n\r\n")) body += application.receive(1);
    EXPECT_EQ(body.find("note"), std::string::npos);
    application.send(kAnswer);
    application.end();
    EXPECT_EQ(client.receive_all(), kAnswer);
    EXPECT_EQ(application.receive_all(), "");
}

TEST(Relay, RefusesMalformedChunks) {
    for (const char *gap : {"", "later"}) {
        Upstream upstream;
        Loopback server(relaying_to(upstream.address()));
        Client client(server.address());
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        Client application = upstream.accept();
        if (*gap) application.receive_head();
        client.send("xyz\r\n");
        EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 "));
    }
}

TEST(Relay, Answers502WhenNobodyListens) {
    std::string address;
    {
        const Upstream gone;
        address = gone.address();
    }
    Loopback server(relaying_to(address));
    Client client(server.address());
    client.send(kGet);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(server.counter(Counter::relays_failed), 1U);
}

TEST(Relay, Answers502WhenTheFallbackEndsWithoutAnAnswer) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.send(kGet);
    upstream.accept().receive_head();
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
}

TEST(Relay, Answers504WhenTheFallbackIsSilent) {
    Upstream upstream;
    Loopback::Options options = relaying_to(upstream.address());
    options.real_clock = false;
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    Client application = upstream.accept();
    application.receive_head();
    server.on_loop([] {});
    server.advance(61'000);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 504 "));
}

TEST(Relay, LeavesTheFallbackWhenTheClientIsGone) {
    Upstream upstream;
    Loopback server(relaying_to(upstream.address()));
    Client client(server.address());
    client.send(kGet);
    Client application = upstream.accept();
    application.receive_head();
    client.reset();
    EXPECT_TRUE(application.ended());
}

TEST(Relay, TakesADescriptorFromTheConnector) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    Loopback::Options options;
    options.fallback = [&]() -> Result<int> { return pair[0]; };
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    Client application(test::AcceptedFd{pair[1]});
    application.receive_head();
    application.send(kAnswer);
    application.end();
    EXPECT_EQ(client.receive_all(), kAnswer);
}

}  // namespace
}  // namespace wse::net
