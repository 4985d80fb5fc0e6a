// SPDX-License-Identifier: MIT
// The options of compress_zlib, as the server fills them in.
#pragma once

#include <cstdint>

namespace wse::compress_zlib {

struct Config {
    int64_t threshold;  // bytes; what is longer is compressed
    int64_t level;      // of zlib, 1 to 9
    int64_t memory;     // memLevel of zlib, 1 to 9
};

}  // namespace wse::compress_zlib
