// SPDX-License-Identifier: MIT
// Answers in all their forms.
#include <string>
#include <vector>

#include "net/relay.h"
#include "unit/net/relay_fixture.h"

namespace wse::net {
namespace {

using test::Application;
using test::Client;
using test::kLastGet;
using test::Loopback;
using test::relaying_to;
using test::standing_still;

// What the client gets for `request` when the application says `answer` and ends.
std::string relayed(std::string_view request, std::string_view answer) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(request);
    {
        Client peer = application.accept();
        peer.receive_head();
        peer.send(answer);
    }
    return client.receive_all();
}

TEST(RelayAnswer, WithoutALengthGoesInChunks) {
    EXPECT_EQ(relayed(kLastGet, "HTTP/1.1 200 OK\r\n\r\nhello"),
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
              "5\r\nhello\r\n0\r\n\r\n");
}

TEST(RelayAnswer, InChunksKeepsItsTrailers) {
    EXPECT_EQ(relayed(kLastGet,
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n"
                      "2;x=y\r\nhi\r\n0\r\nA: b\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nTrailer: A\r\nTransfer-Encoding: chunked\r\n"
              "Connection: close\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n");
}

TEST(RelayAnswer, ToHttp10EndsWithTheConnection) {
    EXPECT_EQ(relayed("GET / HTTP/1.0\r\n\r\n",
                      "HTTP/1.1 103 Early Hints\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi");
}

TEST(RelayAnswer, ToHeadHasNoBody) {
    EXPECT_EQ(relayed("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(RelayAnswer, MayHaveNoBodyByItsStatus) {
    for (const std::string status : {"204 No Content", "304 Not Modified"}) {
        EXPECT_EQ(relayed(kLastGet, "HTTP/1.1 " + status + "\r\nA: b\r\n\r\nodd"),
                  "HTTP/1.1 " + status + "\r\nA: b\r\nConnection: close\r\n\r\n");
    }
}

TEST(RelayAnswer, ComesAfterInterimOnes) {
    EXPECT_EQ(relayed(kLastGet,
                      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
}

TEST(RelayAnswer, IsAwaitedByAClientThatExpectsAContinue) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
        "Connection: close\r\n\r\n");
    Client peer = application.accept();
    EXPECT_NE(peer.receive_head().find("expect: 100-continue\r\n"), std::string::npos);
    peer.send("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.receive_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hi");
    EXPECT_EQ(peer.receive(2), "hi");
    peer.send(test::kAnswer);
    EXPECT_EQ(client.receive_all(), test::kLastAnswer);
}

// It refuses the upload: the rest of the body is not the next request.
TEST(RelayAnswer, BeforeTheEndOfTheBodyEndsTheConnection) {
    Application application;
    Loopback server(relaying_to(application.address()));
    Client client(server.address());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
    Client peer = application.accept();
    peer.receive_head();
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(client.receive_all(),
              "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(RelayAnswer, CutShortIsNotTakenForAWholeOne) {
    EXPECT_EQ(relayed(kLastGet, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhe");
    const std::string chunks =
        relayed(kLastGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n");
    EXPECT_TRUE(chunks.ends_with("\r\n\r\n2\r\nhe\r\n")) << chunks;
}

TEST(RelayAnswer, ThatEndsInTwoWaysIsA502) {
    for (const char *answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"}) {
        EXPECT_TRUE(relayed(kLastGet, answer).starts_with("HTTP/1.1 502 ")) << answer;
    }
}

TEST(RelayAnswer, WithBadChunksIsCut) {
    const std::string got =
        relayed(kLastGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nxx\r\n");
    EXPECT_EQ(got.find("0\r\n\r\n"), std::string::npos) << got;
}

TEST(RelayAnswer, IsCutWhenTheApplicationFallsSilent) {
    Application application;
    Loopback server(standing_still(application.address()));
    Client client(server.address());
    client.send(kLastGet);
    Client peer = application.accept();
    peer.receive_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    client.receive_head();
    EXPECT_EQ(client.receive(2), "he");
    server.on_loop([] {});
    server.advance(61'000);
    EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace wse::net
