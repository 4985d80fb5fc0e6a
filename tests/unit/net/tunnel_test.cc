// SPDX-License-Identifier: MIT
#include "net/tunnel.h"

#include <sys/socket.h>

#include <optional>
#include <string>
#include <thread>

#include "unit/net/relay_fixture.h"

namespace wse::net {
namespace {

using test::Application;
using test::Client;
using test::Loopback;
using test::relaying_to;
using test::standing_still;

constexpr const char *kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: x\r\n\r\n";
constexpr const char *kSwitched =
    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\n\r\n";

struct Pair {
    explicit Pair(const Loopback::Options &options, Application &application)
        : server(options), client(server.address()) {
        client.send(test::upgrade_request("/app"));
        peer.emplace(application.accept_fd());
        head = peer->receive_head();
        peer->send(kSwitch);
        EXPECT_EQ(client.receive_head(), kSwitched);
    }
    Loopback server;
    Client client;
    std::optional<Client> peer;
    std::string head;
};

TEST(Tunnel, CarriesOctetsBothWays) {
    Application application;
    Pair pair(relaying_to(application.address()), application);
    EXPECT_NE(pair.head.find("\r\nupgrade: websocket\r\nconnection: upgrade\r\n"),
              std::string::npos);
    const std::string many(3'000'000, 'x');
    std::thread sender([&] { pair.client.send(many); });
    EXPECT_EQ(pair.peer->receive(many.size()), many);
    sender.join();
    std::thread answerer([&] { pair.peer->send(many); });
    EXPECT_EQ(pair.client.receive(many.size()), many);
    answerer.join();
}

TEST(Tunnel, CarriesWhatCameWithTheHeads) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(test::upgrade_request("/app") + "early");
    Client peer = application.accept();
    peer.receive_head();
    peer.send(std::string(kSwitch) + "first");
    EXPECT_EQ(client.receive_head(), kSwitched);
    EXPECT_EQ(client.receive(5), "first");
    EXPECT_EQ(peer.receive(5), "early");
}

TEST(Tunnel, TellsEachSideThatTheOtherHasEnded) {
    Application application;
    Pair pair(relaying_to(application.address()), application);
    pair.client.end();
    EXPECT_TRUE(pair.peer->ended());
    pair.peer->send("late");
    pair.peer->end();
    EXPECT_EQ(pair.client.receive_all(), "late");
}

TEST(Tunnel, EndsWhenTheApplicationIsGone) {
    Application application;
    Pair pair(relaying_to(application.address()), application);
    pair.peer->reset();
    char octet = 0;
    EXPECT_LE(recv(pair.client.fd(), &octet, 1, 0), 0);
}

TEST(Tunnel, EndsWhenBothAreSilent) {
    Application application;
    Pair pair(standing_still(application.address()), application);
    pair.server.on_loop([] {});
    pair.server.advance(61'000);
    EXPECT_TRUE(pair.client.ended());
    EXPECT_TRUE(pair.peer->ended());
}

TEST(Tunnel, EndsWithTheServer) {
    Application application;
    Pair pair(relaying_to(application.address()), application);
    pair.server.on_loop([&] { pair.server.server->close_all(1001, "bye", 60'000, [] {}); });
    EXPECT_TRUE(pair.client.ended());
}

TEST(Tunnel, KeepsItsPlaceAmongTheRelays) {
    Application application;
    Loopback::Options options = relaying_to(application.address());
    options.max_relays = 1;
    Pair pair(options, application);
    Client second(pair.server.address());
    second.send(test::kGet);
    EXPECT_TRUE(second.receive_all().starts_with("HTTP/1.1 503 "));
}

TEST(Tunnel, IsNotOpenedByAnotherAnswer) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(test::upgrade_request("/app"));
    Client peer = application.accept();
    peer.receive_head();
    peer.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(client.receive_head(), "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    client.send("GET /admin HT");
    EXPECT_TRUE(peer.ended());
}

}  // namespace
}  // namespace wse::net
