// SPDX-License-Identifier: MIT
// What a text has to be before cJSON or the server is given it.
#pragma once

#include <cstdint>
#include <string_view>

namespace wse::strict_json {

inline constexpr int kMaxDepth = 16;  // claims are flat; a recursive reader must not be led deep
inline constexpr uint64_t kMaxUser = 256;  // bytes

// UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// What wse_auth_result takes as a user: 1 to kMaxUser bytes of UTF-8 without control characters.
bool is_user(std::string_view text);

// The rules of RFC 8259 that cJSON lets pass: UTF-8, no control character in a string or as a
// blank, four digits behind \u; and at most kMaxDepth levels. The escape \u0000 is refused, because
// a C string ends there and "alice\u0000x" would be read as "alice". The grammar is left to cJSON.
bool is_plain_json(std::string_view text);

}  // namespace wse::strict_json
