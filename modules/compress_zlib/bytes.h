// SPDX-License-Identifier: MIT
// Texts as zlib wants them.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace wse::compress_zlib {

// zlib counts in uInt.
inline constexpr uint64_t kMaxBytes = std::numeric_limits<uInt>::max();

// zlib reads and does not write, whatever the type says.
inline Bytef *octets(std::string_view text) {
    return reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
}

}  // namespace wse::compress_zlib
