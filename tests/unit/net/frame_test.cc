// SPDX-License-Identifier: MIT
#include "net/frame.h"

#include <string>

namespace wse::net {
namespace {

using namespace std::string_literals;

std::string head_of(uint64_t size) {
    std::array<char, 10> head{};
    const size_t used = encode_frame_head(Opcode::kText, size, head);
    return {head.data(), used};
}

TEST(Frame, WritesTheShortestLength) {
    EXPECT_EQ(head_of(0), "\x81\x00"s);
    EXPECT_EQ(head_of(125), "\x81\x7d"s);
    EXPECT_EQ(head_of(126), "\x81\x7e\x00\x7e"s);
    EXPECT_EQ(head_of(65535), "\x81\x7e\xff\xff"s);
    EXPECT_EQ(head_of(65536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(Frame, CarriesText) {
    EXPECT_EQ(Frame::text("hi")->wire(), "\x81\x02hi");
}

TEST(Frame, KnowsItsOpcodeAndPayload) {
    for (const size_t size : {size_t{0}, size_t{125}, size_t{126}, size_t{65535}, size_t{65536}}) {
        const std::string payload(size, 'a');
        EXPECT_EQ(make_frame(Opcode::kBinary, payload)->opcode(), Opcode::kBinary);
        EXPECT_EQ(make_frame(Opcode::kBinary, payload)->payload(), payload);
        EXPECT_EQ(make_encoded_frame(Opcode::kText, payload)->opcode(), Opcode::kText);
        EXPECT_EQ(make_encoded_frame(Opcode::kText, payload)->payload(), payload);
    }
}

TEST(Frame, SaysThatItIsEncoded) {
    EXPECT_EQ(make_encoded_frame(Opcode::kText, "hi")->wire(), "\xc1\x02hi");
    EXPECT_EQ(make_encoded_frame(Opcode::kBinary, "hi")->wire(), "\xc2\x02hi");
}

TEST(Frame, ClosesWithCodeAndReason) {
    EXPECT_EQ(make_close_frame(4300, "bye")->wire(), "\x88\x05\x10\xcc"s + "bye");
}

TEST(Frame, NeverWritesTheCodeForNoCode) {
    EXPECT_EQ(make_close_frame(kNoCloseCode, "ignored")->wire(), "\x88\x00"s);
}

TEST(Frame, CutsALongReasonAtACharacter) {
    std::string reason(122, 'a');
    reason += "\xc3\xa9";  // would end at 124, one too far
    EXPECT_EQ(make_close_frame(1008, reason)->wire().size(), 2U + 2U + 122U);
}

TEST(Frame, LeavesOutAReasonThatIsNotText) {
    EXPECT_EQ(make_close_frame(1008, "\xff")->wire(), "\x88\x02\x03\xf0"s);
}

}  // namespace
}  // namespace wse::net
