// SPDX-License-Identifier: MIT
// Random bytes from the kernel, pooled per thread because a system call for sixteen bytes is dear.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wse {

// Any thread. Ends the process when the kernel has no randomness to give.
void random_bytes(void *out, size_t count);

uint64_t random_u64();

}  // namespace wse
