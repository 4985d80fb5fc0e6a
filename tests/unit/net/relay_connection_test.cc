// SPDX-License-Identifier: MIT
// Several requests on one connection, and how many connections there may be.
#include <string>

#include "net/relay.h"
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

const std::string kAnswerHead = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

// Takes the next request as the application and answers it; says what was asked.
std::string serve(Application &application, std::string_view answer = kAnswer) {
    Client peer = application.accept();
    const std::string head = peer.receive_head();
    peer.send(answer);
    return head.substr(0, head.find(" HTTP"));
}

void expect_answer(Client &client) {
    EXPECT_EQ(client.receive_head(), kAnswerHead);
    EXPECT_EQ(client.receive(5), "hello");
}

TEST(RelayConnection, CarriesOneRequestAfterTheOther) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    for (int i = 0; i < 3; ++i) {
        client.send(kGet);
        EXPECT_EQ(serve(application), "GET /app?token=x");
        expect_answer(client);
    }
    EXPECT_EQ(server.counter(Counter::connections_accepted), 1U);
    EXPECT_EQ(server.counter(Counter::requests_relayed), 3U);
}

TEST(RelayConnection, AnswersPipelinedRequestsInOrder) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
        "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(serve(application), "POST /1");
    EXPECT_EQ(serve(application), "POST /2");
    EXPECT_EQ(serve(application), "GET /3");
    expect_answer(client);
    expect_answer(client);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
}

TEST(RelayConnection, ServesAClientThatSendsFarAhead) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.limits.max_head_bytes = 1024;
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    std::string requests;
    for (int i = 0; i < 200; ++i) requests += kGet;
    client.send(requests);
    server.on_loop([] {});
    peer.send(kAnswer);
    expect_answer(client);
    for (int i = 0; i < 200; ++i) {
        serve(application);
        expect_answer(client);
    }
}

TEST(RelayConnection, BecomesAWebSocketLater) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(kGet);
    serve(application);
    expect_answer(client);
    EXPECT_TRUE(client.upgrade().starts_with("HTTP/1.1 101 "));
}

TEST(RelayConnection, JudgesTheNextRequestAsStrictly) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(kGet);
    serve(application);
    expect_answer(client);
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 400 "));
}

TEST(RelayConnection, EndsWhereNoneIsToBeKept) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.limits.relay_keepalive_ms = 0;
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    serve(application);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
}

TEST(RelayConnection, EndsWithoutAWordWhenNoRequestComes) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send(kGet);
    serve(application);
    expect_answer(client);
    server.on_loop([] {});
    server.advance(31'000);
    EXPECT_EQ(client.receive_all(), "");
}

TEST(RelayConnection, GivesANextRequestTheTimeOfAHandshake) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send(kGet);
    serve(application);
    expect_answer(client);
    client.send("GET / HT");
    // The loop has read it when it has read what came after it.
    Client other(server.address());
    EXPECT_TRUE(other.upgrade().starts_with("HTTP/1.1 101 "));
    server.advance(11'000);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 408 "));
}

TEST(RelayConnection, HearsOfEachClientOfAProxy) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.trusted_proxies = {*Network::parse("127.0.0.1")};
    options.max_per_address = 1;
    Loopback server(options);
    Client proxy(server.address());
    for (const std::string ip : {"203.0.113.1", "203.0.113.2", "203.0.113.1"}) {
        proxy.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + ip + "\r\n\r\n");
        Client peer = application.accept();
        EXPECT_NE(peer.receive_head().find("x-forwarded-for: " + ip + ", 127.0.0.1\r\n"),
                  std::string::npos);
        peer.send(kAnswer);
        expect_answer(proxy);
    }
    // Between two requests the connection is nobody's: this client may have one of its own.
    Client other(server.address());
    const std::string head = other.upgrade("/wse", "X-Forwarded-For: 203.0.113.1\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
}

TEST(RelayConnection, HasFewerPlacesThanOthers) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.max_relays = 1;
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    Client second(server.address());
    second.send(kGet);
    const std::string refused = second.receive_all();
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 "));
    EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
    EXPECT_EQ(server.counter(Counter::relays_refused), 1U);
    Client websocket(server.address());
    EXPECT_TRUE(websocket.upgrade().starts_with("HTTP/1.1 101 "));
}

TEST(RelayConnection, MakesRoomWhileItIsIdle) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.max_relays = 1;
    Loopback server(options);
    Client client(server.address());
    client.send(kGet);
    serve(application);
    expect_answer(client);
    Client second(server.address());
    second.send(kLastGet);
    serve(application);
    EXPECT_EQ(second.receive_all(), kLastAnswer);
    EXPECT_TRUE(client.ended());
}

TEST(RelayConnection, EndsWithItsAnswerWhenTheServerStops) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    Client idle(server.address());
    idle.send(kGet);
    serve(application);
    expect_answer(idle);
    client.send(kGet);
    Client peer = application.accept();
    peer.receive_head();
    server.on_loop([&] { server.server->close_all(1001, "bye", 60'000, [] {}); });
    EXPECT_TRUE(idle.ended());
    peer.send(kAnswer);
    EXPECT_EQ(client.receive_all(), kLastAnswer);
}

}  // namespace
}  // namespace wse::net
