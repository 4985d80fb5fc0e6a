// SPDX-License-Identifier: MIT
// Base64url as JWS uses it (RFC 7515 section 2): no padding, no blanks, one spelling per value.
#pragma once

#include <string>
#include <string_view>

namespace wse::jws {

std::string encode_base64url(std::string_view bytes);

// Replaces `out`. False for anything an encoder would not have written: foreign characters, `=`, a
// length that no input has, or set bits after the last octet. Two spellings of one signature would
// make a token that was revoked by its text valid again.
bool decode_base64url(std::string_view text, std::string &out);

}  // namespace wse::jws
