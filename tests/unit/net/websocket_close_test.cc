// SPDX-License-Identifier: MIT
#include <string>

#include "net/websocket.h"
#include "unit/net/client_frame.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::ClientFrame;
using test::close_frame;
using test::Loopback;
using test::text_frame;

TEST(WebSocket, EchoesThePeersCloseAndEnds) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.send(close_frame(3001, "done") + text_frame("too late"));
    EXPECT_EQ(client.receive_frame(), "close 3001 done");
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.journal.next(), "open /wse");
    EXPECT_EQ(server.journal.next(), "closed 3001 by peer done");
}

TEST(WebSocket, AnswersAnEmptyCloseWithAnEmptyOne) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.send(ClientFrame{.opcode = 8}.wire());
    EXPECT_EQ(client.receive_frame(), "close");
    server.journal.wait_for("closed 1005 by peer ");
}

TEST(WebSocket, ClosesBehindItsQueueAndSendsNothingAfterwards) {
    Loopback server;
    server.on_text = [&](Connection &connection, std::string_view) {
        connection.send(Frame::text("before"));
        connection.close(4401, "no");
        // Dropped, which is no reason to call the client slow.
        server.journal.add(connection.send(Frame::text("after")) ? "dropped" : "full");
        connection.close(4402, "twice");
    };
    Client client(server.address());
    client.upgrade();
    client.send(text_frame("go") + text_frame("not delivered"));
    EXPECT_EQ(client.receive_frame(), "text before");
    EXPECT_EQ(client.receive_frame(), "close 4401 no");
    client.send(close_frame(4401));
    EXPECT_TRUE(client.ended());
    for (const char *line : {"open /wse", "dropped", "closed 4401 no"}) {
        EXPECT_EQ(server.journal.next(), line);
    }
}

TEST(WebSocket, NeverSendsACodeThatMayNotStandInAFrame) {
    Loopback server;
    server.on_open = [](Connection &connection) { connection.close(1006, ""); };
    Client client(server.address());
    client.upgrade();
    EXPECT_EQ(client.receive_frame(), "close 1011 ");
}

TEST(WebSocket, EndsWhenThePeerDoesNotAnswerItsClose) {
    Loopback::Options options;
    options.real_clock = false;
    Loopback server(options);
    server.on_open = [](Connection &connection) { connection.close(4300, "drain"); };
    Client client(server.address());
    client.upgrade();
    EXPECT_EQ(client.receive_frame(), "close 4300 drain");
    server.advance(4'900);
    server.on_loop([&] { EXPECT_EQ(server.server->websockets(), 1U); });
    server.advance(200);
    EXPECT_TRUE(client.ended());
    server.journal.wait_for("closed 4300 drain");
}

TEST(WebSocket, FailsWithTheCodeOfTheFault) {
    struct Case {
        std::string wire;
        int code;
    };
    Loopback::Options options;
    options.limits.max_message_bytes = 100;
    Loopback server(options);
    for (const Case &example : std::vector<Case>{
             {ClientFrame{.payload = "a", .masked = false}.wire(), 1002},
             {text_frame("\xff"), 1007},
             {text_frame(std::string(101, 'a')), 1009},
             {close_frame(1005), 1002},
         }) {
        Client client(server.address());
        client.upgrade();
        client.send(example.wire);
        EXPECT_TRUE(
            client.receive_frame().starts_with("close " + std::to_string(example.code) + " "));
        EXPECT_TRUE(client.ended());
    }
    EXPECT_EQ(server.counter(Counter::protocol_errors), 4U);
}

TEST(WebSocket, NoticesAnEndWithoutACloseFrame) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.send(text_frame("last words"));
    client.end();
    server.journal.wait_for("text last words");
    EXPECT_EQ(server.journal.next(), "closed 1006");
    EXPECT_TRUE(client.ended());
}

TEST(WebSocket, NoticesAReset) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.reset();
    server.journal.wait_for("closed 1006");
}

TEST(WebSocket, NoticesAResetWhileItIsPaused) {
    Loopback server;
    server.on_open = [](Connection &connection) { connection.pause_reading(); };
    Client client(server.address());
    client.upgrade();
    client.reset();
    server.journal.wait_for("closed 1006");
}

TEST(WebSocket, ClosesAPausedConnection) {
    Loopback server;
    server.on_open = [](Connection &connection) {
        connection.pause_reading();
        connection.close(4401, "");
    };
    Client client(server.address());
    client.upgrade();
    EXPECT_EQ(client.receive_frame(), "close 4401 ");
    client.send(text_frame("ignored") + close_frame(4401));
    EXPECT_TRUE(client.ended());
}

TEST(WebSocket, LetsThePeerReadTheLastFrameInSpiteOfUnreadInput) {
    Loopback::Options options;
    options.limits.max_message_bytes = 100;
    Loopback server(options);
    Client client(server.address());
    client.upgrade();
    client.send(text_frame(std::string(500'000, 'a')));
    EXPECT_TRUE(client.receive_frame().starts_with("close 1009 "));
    EXPECT_TRUE(client.ended());  // not a reset
}

}  // namespace
}  // namespace wse::net
