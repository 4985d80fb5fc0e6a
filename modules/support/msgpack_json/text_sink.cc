// SPDX-License-Identifier: MIT
#include "msgpack_json/text_sink.h"

#include <charconv>
#include <cstring>

namespace wse::msgpack_json {
namespace {

// Enough for any number of 64 bits.
constexpr size_t kNumberBytes = 32;

}  // namespace

void TextSink::put(std::string_view text) {
    full_ = full_ || text.size() > room_;
    if (full_ || text.empty()) return;
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    room_ -= text.size();
}

void TextSink::put_string(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    put('"');
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<uint8_t>(text[i]);
        if (octet >= 0x20 && octet != '"' && octet != '\\') continue;
        put(text.substr(plain, i - plain));
        plain = i + 1;
        const size_t letter = std::string_view("\b\f\n\r\t\"\\").find(text[i]);
        if (letter != std::string_view::npos) {
            const char escape[] = {'\\', "bfnrt\"\\"[letter]};
            put({escape, sizeof escape});
        } else {
            const char escape[] = {'\\', 'u', '0', '0', kHex[octet >> 4], kHex[octet & 15]};
            put({escape, sizeof escape});
        }
    }
    put(text.substr(plain));
    put('"');
}

void TextSink::put_integer(int64_t value) {
    char text[kNumberBytes];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    put({text, static_cast<size_t>(end - text)});
}

void TextSink::put_integer(uint64_t value) {
    char text[kNumberBytes];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    put({text, static_cast<size_t>(end - text)});
}

void TextSink::put_float(double value) {
    char text[kNumberBytes];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    const std::string_view written(text, static_cast<size_t>(end - text));
    put(written);
    if (written.find_first_of(".e") == std::string_view::npos) put(".0");
}

}  // namespace wse::msgpack_json
