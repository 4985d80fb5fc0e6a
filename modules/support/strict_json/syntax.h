// SPDX-License-Identifier: MIT
// Whether a text is JSON to the letter of RFC 8259, which cJSON alone does not ask.
#pragma once

#include <string_view>

namespace wse::strict_json {

inline constexpr int kMaxDepth = 16;  // claims are flat; a recursive reader must not be led deep

// True for one JSON value and nothing after it but blanks: UTF-8, no control characters in strings,
// numbers as the grammar has them, at most kMaxDepth levels. The escape \u0000 is refused, because
// a C string would end there and "alice\u0000x" be read as "alice".
bool is_json(std::string_view text);

// UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace wse::strict_json
