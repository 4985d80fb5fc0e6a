// SPDX-License-Identifier: MIT
// Frames as a client sends them, right ones and wrong ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace wse::test {

struct ClientFrame {
    uint8_t opcode = 1;
    std::string_view payload = {};
    bool final = true;
    uint8_t reserved = 0;  // RSV1..3 as bits 0x70
    bool masked = true;
    int length_bytes = -1;  // 0, 2, 8; -1: the shortest form

    std::string wire() const {
        std::string out;
        out.push_back(static_cast<char>((final ? 0x80 : 0) | reserved | opcode));
        const uint8_t mask_bit = masked ? 0x80 : 0;
        const uint64_t size = payload.size();
        int width = length_bytes;
        if (width < 0) width = size <= 125 ? 0 : size <= 0xffff ? 2 : 8;
        const uint64_t mark = width == 0 ? size : width == 2 ? 126 : 127;
        out.push_back(static_cast<char>(mask_bit | mark));
        for (int i = width - 1; i >= 0; --i) out.push_back(static_cast<char>(size >> (8 * i)));
        constexpr std::array<uint8_t, 4> kMask = {0x37, 0xfa, 0x21, 0x3d};
        if (masked) out.append(reinterpret_cast<const char *>(kMask.data()), kMask.size());
        for (size_t i = 0; i < payload.size(); ++i) {
            const uint8_t key = masked ? kMask[i % 4] : 0;
            out.push_back(static_cast<char>(static_cast<uint8_t>(payload[i]) ^ key));
        }
        return out;
    }
};

inline std::string text_frame(std::string_view payload, bool final = true) {
    return ClientFrame{.opcode = 1, .payload = payload, .final = final}.wire();
}

inline std::string more_frame(std::string_view payload, bool final) {
    return ClientFrame{.opcode = 0, .payload = payload, .final = final}.wire();
}

inline std::string close_frame(uint16_t code, std::string_view reason = {}) {
    std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    payload += reason;
    return ClientFrame{.opcode = 8, .payload = payload}.wire();
}

}  // namespace wse::test
