// SPDX-License-Identifier: MIT
#include "net/echo.h"

#include <string>
#include <thread>

#include "unit/net/client_frame.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::ClientFrame;
using test::Loopback;

std::string binary(std::string_view payload) {
    return ClientFrame{.opcode = 2, .payload = payload}.wire();
}

TEST(Echo, SendsMessagesBackAsTheyCame) {
    Loopback server;
    Client client(server.address());
    client.upgrade("/echo");
    client.send(test::text_frame("hello") + binary("\xff"));
    EXPECT_EQ(client.receive_frame(), "text hello");
    EXPECT_EQ(client.receive_frame(), "binary \xff");
}

TEST(Echo, AnswersTheClosingCodeWithItself) {
    Loopback server;
    Client client(server.address());
    client.upgrade("/echo");
    client.send(test::close_frame(4001, "bye"));
    EXPECT_EQ(client.receive_frame(), "close 4001 bye");
    EXPECT_TRUE(client.ended());
}

TEST(Echo, LetsInWhomTheListenerLetsIn) {
    Loopback server;
    server.refusal = {403, "not you"};
    Client client(server.address());
    EXPECT_TRUE(client.upgrade("/echo").starts_with("HTTP/1.1 403 "));
}

// The queue holds three of them, and all sockets together not the rest.
TEST(Echo, ReadsNothingWhileItsQueueIsFull) {
    constexpr size_t kSize = 200'000;
    Loopback::Options options;
    options.limits.max_outbound_bytes = 3 * kSize + 100;
    Loopback server(options);
    Client client(server.address(), 64 * 1024);
    client.upgrade("/echo");
    std::string all;
    for (int i = 0; i < 60; ++i) all += binary(std::string(kSize, static_cast<char>('0' + i)));
    std::thread sender([&] { client.send(all); });
    for (int i = 0; i < 60; ++i)
        EXPECT_EQ(client.receive_frame(),
                  "binary " + std::string(kSize, static_cast<char>('0' + i)));
    sender.join();
}

TEST(Echo, RefusesWhatNoQueueCanHold) {
    Loopback::Options options;
    options.limits.max_outbound_bytes = 1000;
    Loopback server(options);
    Client client(server.address());
    client.upgrade("/echo");
    client.send(binary(std::string(1000, 'a')));
    EXPECT_TRUE(client.receive_frame().starts_with("close 1009 "));
}

}  // namespace
}  // namespace wse::net
