// SPDX-License-Identifier: MIT
// Writing RFC 6455 frames, and the rules for close codes. Reading them is framing.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/handler.h"

namespace wse::net {

inline constexpr size_t kMaxControlPayload = 125;
inline constexpr uint16_t kNoCloseCode = 1005;  // the peer's close frame had none
inline constexpr uint16_t kNoCloseFrame = 1006;

// Head of a final, unmasked frame; returns its length, 2 to 10.
size_t encode_frame_head(Opcode opcode, uint64_t payload_size, std::array<char, 10> &out);

// A final, unmasked frame of any kind. `bare`: see Frame.
FrameRef make_frame(Opcode opcode, std::string_view payload, bool bare = false);

// One whose payload an extension has encoded: with RSV1.
FrameRef make_encoded_frame(Opcode opcode, std::string_view payload);

// kNoCloseCode makes the empty close frame. The reason is cut at a character so that it fits, and
// left out when it is not UTF-8.
FrameRef make_close_frame(uint16_t code, std::string_view reason);

// May the code stand in a close frame: RFC 6455 section 7.4, the IANA registry, 3000 to 4999.
bool is_close_code(uint16_t code);

}  // namespace wse::net
