// SPDX-License-Identifier: MIT
#include "net/websocket.h"

#include <atomic>
#include <string>

#include "unit/net/client_frame.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::ClientFrame;
using test::close_frame;
using test::Loopback;
using test::more_frame;
using test::text_frame;

void echo(Connection &connection, std::string_view message) {
    connection.send(Frame::text(message));
}

std::string ping(std::string_view payload) {
    return ClientFrame{.opcode = 9, .payload = payload}.wire();
}

TEST(WebSocket, OpensOnItsPath) {
    Loopback server;
    Client client(server.address());
    EXPECT_TRUE(client.upgrade("/wse?a=b").starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(server.journal.next(), "open /wse?a=b");
    EXPECT_EQ(server.counter(Counter::upgrades), 1U);
}

TEST(WebSocket, OpensWhenTheRequestDripsIn) {
    Loopback server;
    Client client(server.address());
    client.drip(test::upgrade_request());
    EXPECT_TRUE(client.receive_head().starts_with("HTTP/1.1 101 "));
}

TEST(WebSocket, DeliversMessagesInOrder) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.send(text_frame("one") + ClientFrame{.opcode = 2, .payload = "two"}.wire() +
                text_frame("thr", false) + more_frame("ee", true));
    for (const char *line : {"open /wse", "text one", "binary two", "text three"}) {
        EXPECT_EQ(server.journal.next(), line);
    }
}

TEST(WebSocket, DeliversWhatCameTogetherWithTheRequest) {
    Loopback server;
    Client client(server.address());
    client.send(test::upgrade_request() + text_frame("early"));
    server.journal.wait_for("text early");
}

TEST(WebSocket, DeliversMessagesThatDripIn) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    client.drip(text_frame("slow") + text_frame("er"));
    server.journal.wait_for("text slow");
    EXPECT_EQ(server.journal.next(), "text er");
}

TEST(WebSocket, DeliversAMessageLargerThanTheReadBuffer) {
    Loopback server;
    server.on_text = [&](Connection &, std::string_view message) {
        server.journal.add(std::to_string(message.size()));
    };
    Client client(server.address());
    client.upgrade();
    client.send(text_frame(std::string(1'000'000, 'x')));
    server.journal.wait_for("1000000");
}

TEST(WebSocket, TellsOfEveryFrameThatSomebodyIsThere) {
    Loopback server;
    std::atomic<int> activity = 0;
    server.on_activity = [&] { ++activity; };
    server.on_text = echo;
    Client client(server.address());
    client.upgrade();
    client.send(ping("") + text_frame("a", false) + more_frame("b", true));
    EXPECT_EQ(client.receive_frame(), "pong ");
    EXPECT_EQ(client.receive_frame(), "text ab");
    EXPECT_EQ(activity, 3);
}

TEST(WebSocket, TellsOfPingsAndPongsAndAnswersNoneOnceItIsClosed) {
    Loopback server;
    int control = 0;
    server.on_control = [&](Connection &connection) {
        if (++control == 2) connection.close(4429, "");
    };
    Client client(server.address());
    client.upgrade();
    client.send(text_frame("a") + ping("1") + ping("2") + ping("3"));
    EXPECT_EQ(client.receive_frame(), "pong 1");
    EXPECT_EQ(client.receive_frame(), "close 4429 ");
}

TEST(WebSocket, SendsWhatIsQueuedInOneTurnInOrder) {
    Loopback server;
    server.on_open = [](Connection &connection) {
        for (const char *text : {"a", "b", "c"}) connection.send(Frame::text(text));
    };
    Client client(server.address());
    client.upgrade();
    for (const char *text : {"text a", "text b", "text c"}) EXPECT_EQ(client.receive_frame(), text);
    EXPECT_EQ(server.counter(Counter::messages_sent), 3U);
}

TEST(WebSocket, SendsWhatAnotherThreadPosted) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    server.on_loop([&] { server.latest()->send(Frame::text("posted")); });
    EXPECT_EQ(client.receive_frame(), "text posted");
}

TEST(WebSocket, AnswersEachPingOfABurst) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    std::string burst;
    for (int i = 0; i < 10; ++i) burst += ping(std::to_string(i));
    client.send(burst);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.receive_frame(), "pong " + std::to_string(i));
}

TEST(WebSocket, AnswersAFloodOfPingsWithTheLatest) {
    Loopback server;
    Client client(server.address());
    client.upgrade();
    std::string flood;
    for (int i = 0; i < 2000; ++i) flood += ping(std::to_string(i));
    client.send(flood + ping("last") + close_frame(1000));
    int pongs = 0;
    std::string frame;
    while ((frame = client.receive_frame()).starts_with("pong ")) ++pongs;
    EXPECT_EQ(frame, "close 1000 ");
    EXPECT_LT(pongs, 1000);
}

TEST(WebSocket, DeliversNothingWhilePausedAndEverythingAfterwards) {
    Loopback server;
    server.on_text = [&](Connection &connection, std::string_view message) {
        server.journal.add("text " + std::string(message));
        if (message == "pause") connection.pause_reading();
    };
    Client client(server.address());
    client.upgrade();
    client.send(text_frame("pause") + text_frame("1") + text_frame("pause") + text_frame("2"));
    server.journal.wait_for("text pause");
    client.send(text_frame("3"));
    client.end();
    server.on_loop([&] {
        server.journal.add("resume");
        server.latest()->resume_reading();
    });
    EXPECT_EQ(server.journal.next(), "resume");
    EXPECT_EQ(server.journal.next(), "text 1");
    EXPECT_EQ(server.journal.next(), "text pause");
    server.on_loop([&] {
        server.journal.add("resume");
        server.latest()->resume_reading();
    });
    for (const char *line : {"resume", "text 2", "text 3", "closed 1006"}) {
        EXPECT_EQ(server.journal.next(), line);
    }
}

TEST(WebSocket, RefusesFramesBeyondItsOutboundLimit) {
    Loopback::Options options;
    options.limits.max_outbound_bytes = 1 << 20;
    Loopback server(options);
    Client client(server.address(), 4096);
    client.upgrade();
    const FrameRef frame = Frame::text(std::string(64 * 1024, 'x'));
    size_t accepted = 0;
    server.on_loop([&] {
        // The kernel takes some megabytes of them; a peer that never reads takes no more.
        while (accepted < 1000 && server.latest()->send(frame)) ++accepted;
        EXPECT_LE(server.latest()->queued_bytes(), 1U << 20);
    });
    EXPECT_LT(accepted, 1000U);
    for (size_t i = 0; i < accepted; ++i) EXPECT_EQ(client.receive_frame().size(), 64U * 1024 + 5);
}

TEST(WebSocket, TellsWhenItsQueueIsEmptyAgain) {
    Loopback server;
    int left = 300;
    const FrameRef frame = Frame::text(std::string(64 * 1024, 'x'));
    server.on_drained = [&](Connection &connection) {
        if (left-- > 0) connection.send(frame);
    };
    server.on_open = [&](Connection &connection) { connection.send(frame); };
    Client client(server.address(), 4096);
    client.upgrade();
    for (int i = 0; i < 301; ++i) ASSERT_EQ(client.receive_frame().size(), 64U * 1024 + 5);
}

TEST(WebSocket, EchoesManyMessagesBothWays) {
    Loopback server;
    server.on_text = echo;
    Client client(server.address());
    client.upgrade();
    for (int round = 0; round < 20; ++round) {
        std::string wire;
        for (int i = 0; i < 500; ++i) wire += text_frame(std::to_string(i));
        client.send(wire);
        for (int i = 0; i < 500; ++i) {
            ASSERT_EQ(client.receive_frame(), "text " + std::to_string(i));
        }
    }
}

TEST(WebSocket, IsSmallWhenIdle) {
    EXPECT_LE(sizeof(WebSocket), 512U);
    RecordProperty("bytes", static_cast<int>(sizeof(WebSocket)));
    std::printf("an idle connection: %zu bytes\n", sizeof(WebSocket));
}

}  // namespace
}  // namespace wse::net
