// SPDX-License-Identifier: MIT
#include "base/checksum.h"

#include <zlib.h>

namespace wse {

uint32_t checksum(const void *data, size_t size, uint32_t before) {
    // zlib takes a null pointer for the question which checksum nothing has.
    if (size == 0) return before;
    return static_cast<uint32_t>(crc32_z(before, static_cast<const Bytef *>(data), size));
}

}  // namespace wse
