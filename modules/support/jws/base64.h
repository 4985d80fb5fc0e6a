// SPDX-License-Identifier: MIT
// Base64 of RFC 4648 section 4, for octets in JSON.
#pragma once

#include <string>
#include <string_view>

namespace wse::jws {

std::string encode_base64(std::string_view bytes);

// Replaces `out`. With or without padding; false for everything else that an encoder would not have
// written.
bool decode_base64(std::string_view text, std::string &out);

}  // namespace wse::jws
