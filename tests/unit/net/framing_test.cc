// SPDX-License-Identifier: MIT
#include "net/framing.h"

#include <string>
#include <vector>

#include "unit/net/client_frame.h"

namespace wse::net {
namespace {

using test::ClientFrame;
using test::close_frame;
using test::more_frame;
using test::text_frame;
using Kind = FrameEvent::Kind;

constexpr uint64_t kLimit = 100'000;

// What the parser made of the octets, as one line: "text(hello) ping() close(1000,bye)".
std::string events_of(std::string wire, size_t step, uint64_t limit = kLimit) {
    FrameParser parser(limit);
    std::string line;
    for (size_t at = 0; at < wire.size(); at += step) {
        std::string piece = wire.substr(at, step);
        std::span<char> rest(piece);
        while (true) {
            const FrameEvent event = parser.next(rest);
            if (event.kind == Kind::kNeedMore) break;
            constexpr const char *kNames[] = {"",     "part", "text",  "binary",
                                              "ping", "pong", "close", "error"};
            if (!line.empty()) line += ' ';
            line += kNames[static_cast<size_t>(event.kind)];
            if (event.kind == Kind::kError) return line + "(" + std::to_string(event.code) + ")";
            line += "(";
            if (event.kind == Kind::kClose) line += std::to_string(event.code) + ",";
            line += std::string(event.payload) + ")";
        }
    }
    return line;
}

struct Case {
    const char *name;
    std::string wire;
    std::string events;
};

std::string raw(std::initializer_list<int> octets) {
    std::string out;
    for (const int octet : octets) out.push_back(static_cast<char>(octet));
    return out;
}

std::vector<Case> cases() {
    const std::string long_text(126, 'a');
    const std::string longer_text(70'000, 'b');
    const std::string control(125, 'c');
    return {
        {"a text", text_frame("hello"), "text(hello)"},
        {"an empty text", text_frame(""), "text()"},
        {"a binary", ClientFrame{.opcode = 2, .payload = "\xff\xfe"}.wire(), "binary(\xff\xfe)"},
        {"16-bit length", text_frame(long_text), "text(" + long_text + ")"},
        {"64-bit length", text_frame(longer_text), "text(" + longer_text + ")"},
        {"two messages", text_frame("a") + text_frame("b"), "text(a) text(b)"},
        {"fragments", text_frame("he", false) + more_frame("l", false) + more_frame("lo", true),
         "part() part() text(hello)"},
        {"a ping between fragments",
         text_frame("he", false) + ClientFrame{.opcode = 9, .payload = "p"}.wire() +
             more_frame("llo", true),
         "part() ping(p) text(hello)"},
        {"a message after fragments",
         text_frame("a", false) + more_frame("b", true) + text_frame("c"),
         "part() text(ab) text(c)"},
        {"a pong", ClientFrame{.opcode = 10, .payload = "x"}.wire(), "pong(x)"},
        {"the largest ping", ClientFrame{.opcode = 9, .payload = control}.wire(),
         "ping(" + control + ")"},
        {"UTF-8 over a fragment border", text_frame("\xe2\x82", false) + more_frame("\xac", true),
         "part() text(\xe2\x82\xac)"},
        {"a close with reason", close_frame(1000, "bye"), "close(1000,bye)"},
        {"a close without code", ClientFrame{.opcode = 8}.wire(), "close(1005,)"},
        {"nothing valid after an error",
         text_frame("a", true) + raw({0xf1, 0x80}) + text_frame("b"), "text(a) error(1002)"},
        {"an unmasked frame", ClientFrame{.payload = "a", .masked = false}.wire(), "error(1002)"},
        {"RSV1", ClientFrame{.payload = "a", .reserved = 0x40}.wire(), "error(1002)"},
        {"RSV2", ClientFrame{.payload = "a", .reserved = 0x20}.wire(), "error(1002)"},
        {"RSV3 on a ping", ClientFrame{.opcode = 9, .reserved = 0x10}.wire(), "error(1002)"},
        {"opcode 3", ClientFrame{.opcode = 3}.wire(), "error(1002)"},
        {"opcode 7", ClientFrame{.opcode = 7}.wire(), "error(1002)"},
        {"opcode 11", ClientFrame{.opcode = 11}.wire(), "error(1002)"},
        {"opcode 15", ClientFrame{.opcode = 15}.wire(), "error(1002)"},
        {"a fragmented ping", ClientFrame{.opcode = 9, .final = false}.wire(), "error(1002)"},
        {"a ping of 126", ClientFrame{.opcode = 9, .payload = long_text}.wire(), "error(1002)"},
        {"a continuation of nothing", more_frame("a", true), "error(1002)"},
        {"a text inside a text", text_frame("a", false) + text_frame("b"), "part() error(1002)"},
        {"a 16-bit length below 126", ClientFrame{.payload = "abc", .length_bytes = 2}.wire(),
         "error(1002)"},
        {"a 64-bit length below 65536", ClientFrame{.payload = long_text, .length_bytes = 8}.wire(),
         "error(1002)"},
        {"a length with the highest bit", raw({0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}),
         "error(1002)"},
        {"over the limit, before its payload",
         raw({0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa1, 1, 2, 3, 4}), "error(1009)"},
        {"over the limit in fragments",
         ClientFrame{.opcode = 2, .payload = longer_text, .final = false}.wire() +
             more_frame(longer_text, true),
         "part() error(1009)"},
        {"a wrong octet", text_frame("ab\xff"), "error(1007)"},
        {"an overlong form", text_frame("\xc0\xaf"), "error(1007)"},
        {"a surrogate", text_frame("\xed\xa0\x80"), "error(1007)"},
        {"half a character at the end", text_frame("\xe2\x82"), "error(1007)"},
        {"half a character in the last fragment", text_frame("a", false) + more_frame("\xe2", true),
         "part() error(1007)"},
        {"half a close code", ClientFrame{.opcode = 8, .payload = "a"}.wire(), "error(1002)"},
        {"a close reason that is not UTF-8", close_frame(1000, "\xff"), "error(1007)"},
    };
}

TEST(Framing, UnderstandsFramesWholeAndInPieces) {
    for (const Case &example : cases()) {
        for (const size_t step : {1U, 2U, 3U, 7U, 1000U, 1'000'000U}) {
            EXPECT_EQ(events_of(example.wire, step), example.events)
                << example.name << ", " << step << " octets at a time";
        }
    }
}

TEST(Framing, JudgesCloseCodes) {
    for (const int good : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                           3000, 3999, 4000, 4999}) {
        EXPECT_EQ(events_of(close_frame(static_cast<uint16_t>(good)), 99),
                  "close(" + std::to_string(good) + ",)");
    }
    for (const int bad : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
        EXPECT_EQ(events_of(close_frame(static_cast<uint16_t>(bad)), 99), "error(1002)") << bad;
    }
}

TEST(Framing, FailsAtTheOffendingOctetOfAnUnfinishedFrame) {
    // The frame announces more than is sent; the verdict must not wait for it.
    std::string wire = text_frame("abc\xed\xa0\x80zzzzzzzzzz");
    wire.resize(wire.size() - 11);  // up to the second octet of the surrogate
    FrameParser parser(kLimit);
    std::span<char> before(wire.data(), wire.size() - 1);
    EXPECT_EQ(parser.next(before).kind, Kind::kNeedMore);
    std::span<char> last(wire.data() + wire.size() - 1, 1);
    EXPECT_EQ(parser.next(last).code, 1007);
}

TEST(Framing, RefusesAFloodOfFragments) {
    std::string wire = text_frame("", false);
    for (uint32_t i = 1; i < kMaxFragments; ++i) wire += more_frame("", false);
    const std::string allowed = events_of(wire, wire.size());
    EXPECT_EQ(allowed.find("error"), std::string::npos);
    EXPECT_TRUE(events_of(wire + more_frame("", true), wire.size()).ends_with(" error(1008)"));
}

TEST(Framing, TakesALargeMessageInSmallPieces) {
    const std::string piece(kFragmentBytes, 'a');
    std::string wire = text_frame(piece, false);
    for (uint32_t i = 0; i < 2 * kMaxFragments; ++i) wire += more_frame(piece, false);
    EXPECT_EQ(events_of(wire, wire.size(), 4 << 20).find("error"), std::string::npos);
}

// What the parser of a connection with an extension makes of one frame after the other.
std::string encoded_events_of(const std::string &wire, uint64_t limit = kLimit) {
    FrameParser parser(limit);
    parser.allow_encoded();
    std::string bytes = wire, line;
    std::span<char> rest(bytes);
    while (true) {
        const FrameEvent event = parser.next(rest);
        if (event.kind == Kind::kNeedMore) return line;
        if (event.kind == Kind::kError) return line + std::to_string(event.code);
        if (event.kind != Kind::kPart)
            line += (event.encoded ? "encoded " : "plain ") + std::string(event.payload) + ' ';
    }
}

TEST(Framing, TellsEncodedMessagesFromOthers) {
    const std::string begun = ClientFrame{.payload = "a", .final = false, .reserved = 0x40}.wire();
    EXPECT_EQ(encoded_events_of(begun + ClientFrame{.opcode = 9, .payload = "p"}.wire() +
                                more_frame("b", true) + text_frame("c")),
              "plain p encoded ab plain c ");
    // Text of another kind than UTF-8, until it is decoded.
    EXPECT_EQ(encoded_events_of(ClientFrame{.payload = "\xff", .reserved = 0x40}.wire()),
              "encoded \xff ");
}

TEST(Framing, AllowsNoOtherReservedBitsWithAnExtension) {
    const std::string begun = ClientFrame{.payload = "a", .final = false, .reserved = 0x40}.wire();
    for (const std::string &wire :
         {begun + ClientFrame{.opcode = 0, .reserved = 0x40}.wire(),
          text_frame("a", false) + ClientFrame{.opcode = 0, .reserved = 0x40}.wire(),
          ClientFrame{.opcode = 8, .reserved = 0x40}.wire(),
          ClientFrame{.opcode = 9, .reserved = 0x40}.wire(), ClientFrame{.reserved = 0x20}.wire(),
          ClientFrame{.reserved = 0x10}.wire(), ClientFrame{.reserved = 0x60}.wire()})
        EXPECT_EQ(encoded_events_of(wire), "1002");
}

// Incompressible data grows when it is encoded; it has a limit all the same.
TEST(Framing, LimitsEncodedMessagesALittleHigher) {
    const auto sized = [](size_t size) {
        const std::string payload(size, 'a');
        return ClientFrame{.payload = payload, .reserved = 0x40}.wire();
    };
    EXPECT_TRUE(encoded_events_of(sized(1010), 1000).starts_with("encoded"));
    EXPECT_EQ(encoded_events_of(sized(1200), 1000), "1009");
}

TEST(Framing, TakesAMessageOfExactlyTheLimit) {
    EXPECT_EQ(events_of(text_frame("abcd"), 99, 4), "text(abcd)");
    EXPECT_EQ(events_of(text_frame("abcde"), 99, 4), "error(1009)");
    EXPECT_EQ(events_of(text_frame("ab", false) + more_frame("cde", true), 99, 4),
              "part() error(1009)");
}

TEST(Framing, DoesNotCopyAMessageThatLiesWholeInTheInput) {
    FrameParser parser(kLimit);
    std::string wire = text_frame("hello");
    std::span<char> rest(wire);
    const FrameEvent event = parser.next(rest);
    EXPECT_EQ(event.payload.data(), wire.data() + 6);
}

TEST(Framing, LeavesWhatFollowsAnEventInTheInput) {
    FrameParser parser(kLimit);
    std::string wire = text_frame("a") + text_frame("b");
    std::span<char> rest(wire);
    EXPECT_EQ(parser.next(rest).payload, "a");
    EXPECT_EQ(rest.size(), text_frame("b").size());
}

TEST(Unmask, IsTheSameAtEveryPositionAndLength) {
    const Mask mask = {0x12, 0x34, 0x56, 0x78};
    for (size_t position = 0; position < 9; ++position) {
        for (size_t size = 0; size < 40; ++size) {
            std::string bytes(size, '\x5a');
            unmask(bytes, mask, position);
            for (size_t i = 0; i < size; ++i) {
                ASSERT_EQ(static_cast<uint8_t>(bytes[i]), 0x5a ^ mask[(position + i) % 4]);
            }
        }
    }
}

}  // namespace
}  // namespace wse::net
