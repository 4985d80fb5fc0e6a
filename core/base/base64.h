// SPDX-License-Identifier: MIT
// Base64 with the standard alphabet and padding (RFC 4648 section 4). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wse {

std::string base64(std::string_view bytes);

// Nothing for any other text: blanks, missing padding, or bits in the padding are refused, so that
// no two texts stand for the same bytes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace wse
