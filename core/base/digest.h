// SPDX-License-Identifier: MIT
// SHA-256, and comparing what must not be guessed byte by byte. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse {

using Sha256 = std::array<uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// 64 lower-case hex digits, and back; nothing for any other text.
std::string hex_of(const Sha256 &digest);
std::optional<Sha256> parse_sha256(std::string_view hex);

// Takes as long whether and wherever they differ.
bool equal_in_constant_time(const Sha256 &one, const Sha256 &other);

}  // namespace wse
