// SPDX-License-Identifier: MIT
// A WebSocket with an extension, here one that turns messages around.
#include <algorithm>
#include <string>

#include "net/frame.h"
#include "net/websocket.h"
#include "unit/net/client_frame.h"
#include "unit/net/loopback.h"

namespace wse::net {
namespace {

using test::Client;
using test::ClientFrame;
using test::Loopback;
using test::more_frame;

constexpr uint8_t kRsv1 = 0x40;

// Messages that begin with '-' stay as they are; those with '!' cannot be decoded.
class Turned final : public Extension {
public:
    std::string answer() const override { return "turn; by=half"; }
    FrameRef encode(const FrameRef &frame) override {
        std::string text(frame->payload());
        if (text.starts_with('-')) return frame;
        std::reverse(text.begin(), text.end());
        return make_encoded_frame(frame->opcode(), text);
    }
    int32_t decode(std::string_view payload, size_t limit, std::string &out) override {
        if (payload.starts_with('!')) return WSE_EINVAL;
        if (payload.starts_with('?')) return WSE_EIO;
        if (payload.size() > limit) return WSE_ETOOBIG;
        out.append(payload.rbegin(), payload.rend());
        return WSE_OK;
    }
};

class WebSocketExtension : public testing::Test {
protected:
    static Loopback::Options options() {
        Loopback::Options options;
        options.limits.max_message_bytes = 100;
        options.limits.max_outbound_bytes = 1000;
        return options;
    }
    WebSocketExtension() : server(options()), client(server.address()) {
        server.extension = [] { return std::make_unique<Turned>(); };
        head = client.upgrade();
    }
    void say(std::string_view payload, uint8_t opcode = 1) {
        client.send(ClientFrame{.opcode = opcode, .payload = payload, .reserved = kRsv1}.wire());
    }

    Loopback server;
    Client client;
    std::string head;
};

TEST_F(WebSocketExtension, IsNamedInTheAnswer) {
    EXPECT_NE(head.find("\r\nSec-WebSocket-Extensions: turn; by=half\r\n"), std::string::npos);
}

TEST_F(WebSocketExtension, DecodesWhatIsMarkedAndNothingElse) {
    say("abc");
    say("def", 2);
    client.send(test::text_frame("ghi"));
    for (const char *line : {"open /wse", "text cba", "binary fed", "text ghi"})
        EXPECT_EQ(server.journal.next(), line);
}

TEST_F(WebSocketExtension, DecodesAMessageWhole) {
    client.send(ClientFrame{.payload = "ab", .final = false, .reserved = kRsv1}.wire() +
                ClientFrame{.opcode = 9}.wire() + more_frame("cd", true));
    EXPECT_EQ(client.receive_frame(), "pong ");
    server.journal.wait_for("text dcba");
}

TEST_F(WebSocketExtension, ChecksTextWhenItIsDecoded) {
    say("\xac\x82\xe2");
    server.journal.wait_for("text \xe2\x82\xac");
    say("\xe2\x82\xac");
    EXPECT_TRUE(client.receive_frame().starts_with("close 1007 "));
}

TEST_F(WebSocketExtension, FailsTheConnectionWhenItCannotDecode) {
    say("!");
    EXPECT_TRUE(client.receive_frame().starts_with("close 1007 "));
}

TEST_F(WebSocketExtension, FailsTheConnectionWhenItFailsItself) {
    say("?");
    EXPECT_TRUE(client.receive_frame().starts_with("close 1011 "));
}

TEST_F(WebSocketExtension, LimitsWhatAMessageComesTo) {
    say(std::string(100, 'a'));
    server.journal.wait_for("text " + std::string(100, 'a'));
    say(std::string(101, 'a'));
    EXPECT_TRUE(client.receive_frame().starts_with("close 1009 "));
}

TEST_F(WebSocketExtension, EncodesMessagesAndNoControlFrames) {
    server.on_loop([&] {
        server.latest()->send(Frame::text("abc"));
        server.latest()->send(Frame::text("-plain"));
        server.latest()->send(make_frame(Opcode::kPong, "ab"));
        server.latest()->close(4000, "bye");
    });
    EXPECT_EQ(client.receive(5), "\xc1\x03" + std::string("cba"));
    EXPECT_EQ(client.receive_frame(), "text -plain");
    EXPECT_EQ(client.receive_frame(), "pong ab");
    EXPECT_EQ(client.receive_frame(), "close 4000 bye");
}

// It may count on it that what it has encoded goes out.
TEST_F(WebSocketExtension, IsNotAskedForAFrameThatDoesNotFit) {
    server.on_loop([&] {
        EXPECT_FALSE(server.latest()->send(Frame::text(std::string(1000, 'a'))));
        EXPECT_TRUE(server.latest()->send(Frame::text("ab")));
    });
    EXPECT_EQ(client.receive(4), "\xc1\x02" + std::string("ba"));
}

TEST(WebSocketWithoutExtension, AnswersWithNoneAndRefusesMalformedOffers) {
    Loopback server;
    Client one(server.address());
    EXPECT_EQ(one.upgrade("/wse", "Sec-WebSocket-Extensions: turn\r\n").find("xtensions"),
              std::string::npos);
    Client other(server.address());
    EXPECT_TRUE(
        other.upgrade("/wse", "Sec-WebSocket-Extensions: turn;\r\n").starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace wse::net
