// SPDX-License-Identifier: MIT
#include "net/frame.h"

#include "base/utf8.h"

namespace wse::net {
namespace {

char octet(uint64_t value) {
    return static_cast<char>(static_cast<uint8_t>(value));
}

std::string wire_of(Opcode opcode, std::string_view payload) {
    std::array<char, 10> head{};
    const size_t head_size = encode_frame_head(opcode, payload.size(), head);
    std::string wire;
    wire.reserve(head_size + payload.size());
    wire.append(head.data(), head_size).append(payload);
    return wire;
}

std::string_view fitting_reason(std::string_view reason) {
    return is_utf8(reason) ? utf8_prefix(reason, kMaxControlPayload - 2) : std::string_view();
}

}  // namespace

size_t encode_frame_head(Opcode opcode, uint64_t payload_size, std::array<char, 10> &out) {
    out[0] = octet(0x80U | static_cast<uint8_t>(opcode));
    if (payload_size <= 125) {
        out[1] = octet(payload_size);
        return 2;
    }
    const size_t width = payload_size <= 0xffff ? 2 : 8;
    out[1] = octet(width == 2 ? 126 : 127);
    for (size_t i = 0; i < width; ++i) out[2 + i] = octet(payload_size >> (8 * (width - 1 - i)));
    return 2 + width;
}

FrameRef make_frame(Opcode opcode, std::string_view payload, bool bare) {
    return make_ref<const Frame>(wire_of(opcode, payload), bare);
}

FrameRef make_encoded_frame(Opcode opcode, std::string_view payload) {
    std::string wire = wire_of(opcode, payload);
    wire.front() = octet(0xc0U | static_cast<uint8_t>(opcode));
    return make_ref<const Frame>(std::move(wire));
}

FrameRef make_close_frame(uint16_t code, std::string_view reason) {
    if (code == kNoCloseCode) return make_frame(Opcode::kClose, {});
    std::string payload = {octet(code >> 8), octet(code)};
    payload.append(fitting_reason(reason));
    return make_frame(Opcode::kClose, payload);
}

bool is_close_code(uint16_t code) {
    if (code >= 3000) return code <= 4999;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

// Our frames are not masked, so the length says where the payload begins.
std::string_view Frame::payload() const {
    const int length = wire_[1] & 0x7f;
    return std::string_view(wire_).substr(length == 127 ? 10 : length == 126 ? 4 : 2);
}

Ref<const Frame> Frame::text(std::string_view payload, bool bare) {
    return make_frame(Opcode::kText, payload, bare);
}

}  // namespace wse::net
