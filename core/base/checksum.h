// SPDX-License-Identifier: MIT
// CRC-32 as in zip files: finds the accidents of disks and of half-written data, not forgers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wse {

// Of `size` bytes that follow those whose checksum is `before`.
uint32_t checksum(const void *data, size_t size, uint32_t before = 0);

}  // namespace wse
