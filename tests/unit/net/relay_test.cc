// SPDX-License-Identifier: MIT
// One request, to the application and back.
#include "net/relay.h"

#include <sys/socket.h>

#include <string>
#include <thread>

#include "unit/net/relay_fixture.h"

namespace wse::net {
namespace {

using test::Application;
using test::Client;
using test::kAnswer;
using test::kGet;
using test::kLastAnswer;
using test::kLastGet;
using test::Loopback;
using test::relaying_to;
using test::standing_still;

TEST(Relay, CarriesARequestAndItsAnswer) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(kLastGet);
    Client peer = application.accept();
    const std::string head = peer.receive_head();
    EXPECT_EQ(
        head,
        "GET /app?token=x HTTP/1.1\r\nhost: a.example\r\nx-forwarded-for: 127.0.0.1\r\n"
        "x-forwarded-proto: http\r\nx-forwarded-host: a.example\r\nconnection: close\r\n\r\n");
    peer.send(kAnswer);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
    EXPECT_EQ(server.counter(Counter::requests_relayed), 1U);
}

TEST(Relay, Answers502WhenTheApplicationSpeaksSomethingElse) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    peer.send("SSH-2.0-OpenSSH_9.2\r\n");
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
}

TEST(Relay, StreamsABodyAndHoldsBackAClientThatIsFasterThanTheApplication) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    const std::string body(8'000'000, 'b');
    std::thread sender([&] {
        client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8000000\r\n\r\n");
        client.send(body);
    });
    Client peer = application.accept();
    EXPECT_NE(peer.receive_head().find("content-length: 8000000\r\n"), std::string::npos);
    EXPECT_EQ(peer.receive(body.size()), body);
    sender.join();
    peer.send(kAnswer);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
}

TEST(Relay, StreamsALongAnswerToASlowReader) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address(), 4096);
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    const std::string body(8'000'000, 'c');
    std::thread sender([&] {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
        peer.send(body);
        peer.end();
    });
    client.receive_head();
    EXPECT_EQ(client.receive(body.size()), body);
    sender.join();
}

TEST(Relay, WritesChunksAnewAndStopsAtTheEndOfTheBody) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.drip(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;note=x\r\nabc\r\n0\r\nTrailer: t\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
    Client peer = application.accept();
    EXPECT_NE(peer.receive_head().find("transfer-encoding: chunked\r\n"), std::string::npos);
    std::string body;
    while (!body.ends_with("0\r\n\r\n")) body += peer.receive(1);
    EXPECT_EQ(body.find("note"), std::string::npos);
    EXPECT_EQ(body.find("Trailer"), std::string::npos);
    peer.send(kAnswer);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
    EXPECT_EQ(peer.receive_all(), "");
}

TEST(Relay, RefusesMalformedChunks) {
    for (const char *gap : {"", "later"}) {
        Application application;
        Loopback server(relaying_to(application.address()));
        Client client(server.address());
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        Client peer = application.accept();
        if (*gap) peer.receive_head();
        client.send("xyz\r\n");
        EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 "));
    }
}

TEST(Relay, Answers502WhenNobodyListens) {
    std::string address;
    {
        const Application gone;
        address = gone.address();
    }
    Loopback server(relaying_to(address));
    Client client(server.address());
    client.send(kGet);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
    EXPECT_EQ(server.counter(Counter::relays_failed), 1U);
}

TEST(Relay, Answers502WhenTheApplicationEndsWithoutAnAnswer) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(kGet);
    application.accept().receive_head();
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 502 "));
}

TEST(Relay, Answers504WhenTheApplicationIsSilent) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    server.on_loop([] {});
    server.advance(61'000);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 504 "));
}

TEST(Relay, GivesTheApplicationNoMoreTimeForWhatTheClientSendsAhead) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    for (int second = 0; second < 3; ++second) {
        client.send("x");
        // The loop has read it when it has read what came after it.
        Client other(server.address());
        EXPECT_TRUE(other.upgrade().starts_with("HTTP/1.1 101 "));
        server.advance(20'100);
    }
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 504 "));
}

TEST(Relay, Answers503WhenTheApplicationTakesNoMore) {
    Loopback::Options options;
    options.fallback = [] { return Result<int>(Error{WSE_EAGAIN, "busy"}); };
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 503 "));
}

TEST(Relay, LeavesTheApplicationWhenTheClientIsGone) {
    for (const bool with_reset : {true, false}) {
        Application application;
        Loopback server(relaying_to(application.address()));
        Client client(server.address());
        client.send(kGet);
        Client peer = application.accept();
        peer.receive_head();
        with_reset ? client.reset() : client.end();
        EXPECT_TRUE(peer.ended());
    }
}

TEST(Relay, LeavesTheApplicationWhenTheClientGoesInTheMiddleOfItsBody) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
    Client peer = application.accept();
    peer.receive_head();
    EXPECT_EQ(peer.receive(4), "half");
    client.end();
    EXPECT_TRUE(peer.ended());
}

TEST(Relay, TakesADescriptorFromTheConnector) {
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    Loopback::Options options;
    options.fallback = [&]() -> Result<int> { return pair[0]; };
    Loopback server(options);
    Client client(server.address());
    client.send(kLastGet);
    Client peer(test::AcceptedFd{pair[1]});
    peer.receive_head();
    peer.send(kAnswer);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
}

// The client's pace is judged, not how often something comes.
TEST(Relay, Answers408ToABodyThatDripsTooSlowly) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    Client peer = application.accept();
    peer.receive_head();
    for (int second = 0; second < 3; ++second) {
        client.send("x");
        peer.receive(1);
        server.on_loop([] {});
        server.advance(20'100);
    }
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(server.counter(Counter::requests_refused), 1U);
}

}  // namespace
}  // namespace wse::net
