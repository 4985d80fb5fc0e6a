// SPDX-License-Identifier: MIT
// UTF-8 as RFC 3629 allows it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wse {

// Takes a text in pieces and fails at the first octet that no valid text could have there.
class Utf8Check {
public:
    // False from the offending octet on.
    bool feed(std::string_view piece);
    // True when the text so far does not end inside a character.
    bool complete() const { return missing_ == 0 && !failed_; }
    void reset() { *this = Utf8Check(); }

private:
    bool failed_ = false;
    uint8_t missing_ = 0;  // continuation octets still to come
    uint8_t low_ = 0x80;   // bounds of the next one
    uint8_t high_ = 0xbf;
};

bool is_utf8(std::string_view text);

// At most `bytes` from the front of a valid text, cut between characters.
std::string_view utf8_prefix(std::string_view text, size_t bytes);

}  // namespace wse
