// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <cstring>

namespace wse {
namespace {

bool eight_ascii(const char *at) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return (word & 0x8080808080808080U) == 0;
}

}  // namespace

bool Utf8Check::feed(std::string_view piece) {
    if (failed_) return false;
    const char *at = piece.data();
    const char *const end = at + piece.size();
    while (at < end) {
        if (missing_ == 0 && end - at >= 8 && eight_ascii(at)) {
            at += 8;
            continue;
        }
        const auto octet = static_cast<uint8_t>(*at++);
        if (missing_ > 0) {
            if (octet < low_ || octet > high_) return !(failed_ = true);
            low_ = 0x80;
            high_ = 0xbf;
            --missing_;
        } else if (octet >= 0x80) {
            if (octet < 0xc2 || octet > 0xf4) return !(failed_ = true);
            missing_ = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
            // The second octet alone decides overlong forms, surrogates and the upper end (RFC 3629
            // section 4).
            if (octet == 0xe0) low_ = 0xa0;
            if (octet == 0xed) high_ = 0x9f;
            if (octet == 0xf0) low_ = 0x90;
            if (octet == 0xf4) high_ = 0x8f;
        }
    }
    return true;
}

bool is_utf8(std::string_view text) {
    Utf8Check check;
    return check.feed(text) && check.complete();
}

std::string_view utf8_prefix(std::string_view text, size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xc0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

}  // namespace wse
