// SPDX-License-Identifier: MIT
#include "net/server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "unit/net/client_frame.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::close_frame;
using test::Loopback;

Loopback::Options standing_clock() {
    Loopback::Options options;
    options.real_clock = false;
    return options;
}

TEST(Server, AnswersBadRequestsAndCloses) {
    struct Case {
        std::string request;
        const char *start;
    };
    Loopback server;
    for (const Case &example : std::vector<Case>{
             {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
             {"GET /wse HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 426 "},
             {"GET /else HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "},
             {"GET /wse/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 "},
             {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'a'), "HTTP/1.1 431 "},
             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 "},
         }) {
        Client client(server.address());
        client.send(example.request);
        const std::string answer = client.receive_all();
        EXPECT_TRUE(answer.starts_with(example.start)) << answer;
        EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
    }
    EXPECT_EQ(server.counter(Counter::requests_refused), 6U);
}

TEST(Server, BelievesForwardedForBehindAProxyHeaderThatNamesATrustedProxy) {
    Loopback::Options options;
    options.trusted_proxies = {*Network::parse("127.0.0.1"), *Network::parse("10.0.0.7")};
    options.proxy_protocol = true;
    Loopback server(options);
    const std::string local("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
    for (const auto &[header, ip] : std::vector<std::pair<std::string, const char *>>{
             {"PROXY TCP4 10.0.0.7 192.0.2.1 5 443\r\n", "203.0.113.9"},
             {"PROXY TCP4 203.0.113.5 192.0.2.1 5 443\r\n", "203.0.113.5"},
             {"PROXY UNKNOWN\r\n", "127.0.0.1"},
             {local, "127.0.0.1"},
         }) {
        Client client(server.address());
        client.send(header);
        EXPECT_TRUE(client.upgrade("/wse", "X-Forwarded-For: 203.0.113.9\r\n")
                        .starts_with("HTTP/1.1 101 "));
        server.on_loop([&, ip = ip] { EXPECT_EQ(server.latest()->peer().ip, ip); });
    }
}

TEST(Server, SendsNoBodyInAnswerToHead) {
    Loopback server;
    Client client(server.address());
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(client.receive_all().ends_with("\r\n\r\n"));
}

TEST(Server, PassesOnTheRefusalOfTheGate) {
    Loopback server;
    server.on_loop([&] { server.refusal = {503, "draining"}; });
    Client client(server.address());
    const std::string head = client.upgrade();
    EXPECT_TRUE(head.starts_with("HTTP/1.1 503 "));
    EXPECT_NE(head.find("Retry-After: "), std::string::npos);
    EXPECT_EQ(client.receive_all(), "draining\n");
}

TEST(Server, GivesARequestOneDeadline) {
    Loopback server(standing_clock());
    Client client(server.address());
    client.send("GET /wse HTTP/1.1\r\n");
    server.await_accepted(1);
    server.advance(9'000);
    client.send("Host: a\r\n");
    server.advance(1'100);
    EXPECT_TRUE(client.receive_all().starts_with("HTTP/1.1 408 "));
}

TEST(Server, GivesUpTheOldestOfTooManyHandshakes) {
    Loopback::Options options;
    options.limits.max_pending_handshakes = 2;
    Loopback server(options);
    Client first(server.address());
    Client second(server.address());
    Client third(server.address());
    EXPECT_TRUE(first.receive_all().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(third.upgrade().starts_with("HTTP/1.1 101 "));
    EXPECT_TRUE(second.upgrade().starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(server.counter(Counter::handshakes_cut), 1U);
}

TEST(Server, AnswersWhoComesOverTheLimit) {
    Loopback::Options options;
    options.max_per_address = 1;
    Loopback server(options);
    Client first(server.address());
    first.upgrade();
    {
        Client second(server.address());
        const std::string head = second.upgrade();
        EXPECT_TRUE(head.starts_with("HTTP/1.1 503 "));
        EXPECT_NE(head.find("\r\nRetry-After: "), std::string::npos);
    }
    EXPECT_EQ(server.counter(Counter::connections_refused_limit), 1U);
    first.send(close_frame(1000));
    first.receive_frame();
    first.end();
    EXPECT_TRUE(first.ended());
    server.journal.wait_for("closed 1000 by peer ");
}

TEST(Server, DoesNotWaitLongForARefusedClient) {
    Loopback::Options options = standing_clock();
    options.max_total = 1;
    Loopback server(options);
    Client first(server.address());
    first.upgrade();
    Client second(server.address());
    EXPECT_TRUE(second.receive_head().starts_with("HTTP/1.1 503 "));
    server.on_loop([&] { EXPECT_EQ(server.server->connections(), 2U); });
    server.advance(2'100);
    second.receive_all();
    while (server.counter(Counter::connections_closed) < 1) server.on_loop([] {});
    server.on_loop([&] { EXPECT_EQ(server.server->connections(), 1U); });
}

TEST(Server, ClosesAllAndSaysWhenItIsDone) {
    Loopback server;
    Client first(server.address());
    Client second(server.address());
    first.upgrade();
    second.upgrade();
    server.on_loop([&] {
        server.server->stop_accepting();
        server.server->close_all(4300, "drain", 60'000, [&] { server.journal.add("done"); });
    });
    for (Client *client : {&first, &second}) {
        EXPECT_EQ(client->receive_frame(), "close 4300 drain");
        client->send(close_frame(4300));
        EXPECT_TRUE(client->ended());
        client->end();
    }
    ::shutdown(first.fd(), SHUT_RDWR);
    server.journal.wait_for("done");
    server.on_loop([&] { EXPECT_EQ(server.server->connections(), 0U); });
}

TEST(Server, CutsWhatIsLeftAtTheDeadline) {
    Loopback::Options options = standing_clock();
    options.limits.close_timeout_ms = 600'000;
    Loopback server(options);
    Client client(server.address());
    client.upgrade();
    server.on_loop(
        [&] { server.server->close_all(1012, "", 1'000, [&] { server.journal.add("done"); }); });
    EXPECT_EQ(client.receive_frame(), "close 1012 ");
    server.advance(1'100);
    server.journal.wait_for("done");
}

TEST(Server, TellsHandlersWhenItIsDestroyed) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    server.on_loop([&] { server.server.reset(); });
    server.journal.wait_for("closed 1006");
}

TEST(Server, SurvivesRunningOutOfDescriptors) {
    Loopback server;
    Client first(server.address());
    first.upgrade();
    // Made while there are descriptors, connected when the server has none.
    Client second;
    Client third;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const int lowest_free = fcntl(0, F_DUPFD_CLOEXEC, 0);
    ::close(lowest_free);
    const rlimit none_left{static_cast<rlim_t>(lowest_free), before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
    second.connect_to(server.address());
    third.connect_to(server.address());
    EXPECT_TRUE(second.receive_head().starts_with("HTTP/1.1 503 "));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(third.upgrade().starts_with("HTTP/1.1 101 "));
}

}  // namespace
}  // namespace wse::net
