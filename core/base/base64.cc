// SPDX-License-Identifier: MIT
#include "base/base64.h"

#include <cstdint>

namespace wse {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

uint32_t octet(char c) {
    return static_cast<uint8_t>(c);
}

// The first `digits` of a group of four.
void append_digits(std::string &out, uint32_t group, int digits) {
    for (int i = 0; i < digits; ++i) out += kAlphabet[(group >> (18 - 6 * i)) & 0x3f];
    out.append(static_cast<size_t>(4 - digits), '=');
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    while (bytes.size() >= 3) {
        append_digits(out, octet(bytes[0]) << 16U | octet(bytes[1]) << 8U | octet(bytes[2]), 4);
        bytes.remove_prefix(3);
    }
    if (bytes.size() == 2) append_digits(out, octet(bytes[0]) << 16U | octet(bytes[1]) << 8U, 3);
    if (bytes.size() == 1) append_digits(out, octet(bytes[0]) << 16U, 2);
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string out;
    out.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    unsigned count = 0;  // of bits that are no whole octet yet
    for (const char c : text) {
        const size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | static_cast<uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count);
        bits &= (1U << count) - 1;
    }
    // What is left belongs to the padding, and says nothing.
    if (bits != 0 || count != 2 * padding) return std::nullopt;
    return out;
}

}  // namespace wse
