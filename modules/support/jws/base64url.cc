// SPDX-License-Identifier: MIT
#include "jws/base64url.h"

#include <array>
#include <cstdint>

namespace wse::jws {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kForeign = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
    std::array<uint8_t, 256> values{};
    values.fill(kForeign);
    for (size_t i = 0; i < kAlphabet.size(); ++i) {
        values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
    }
    return values;
}

constexpr std::array<uint8_t, 256> kValues = make_values();

}  // namespace

std::string encode_base64url(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<uint8_t>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            out.push_back(kAlphabet[(bits >> count) & 0x3f]);
        }
    }
    if (count > 0) out.push_back(kAlphabet[(bits << (6 - count)) & 0x3f]);
    return out;
}

bool decode_base64url(std::string_view text, std::string &out) {
    out.clear();
    if (text.size() % 4 == 1) return false;
    out.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const uint8_t value = kValues[static_cast<uint8_t>(c)];
        if (value == kForeign) return false;
        bits = (bits << 6) | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<char>((bits >> count) & 0xff));
        }
    }
    return (bits & ((1U << count) - 1)) == 0;
}

}  // namespace wse::jws
