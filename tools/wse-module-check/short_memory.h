// SPDX-License-Identifier: MIT
// Memory that runs out when it is told to: for the module, and for what the C and the C++ library
// allocate on its behalf. Other libraries, the test host among them, always get what they ask for:
// what they do without it is not the module's doing. The C library works for them, too, and it
// cannot be told for whom: for a module that has other libraries, it gets what it asks for.
#pragma once

#include <cstdint>

namespace wse::check::short_memory {

// False where another allocator (a sanitizer's) is in charge: then nothing ever fails.
bool is_possible();

// Before arm(): where the module's code is, and whether the C library works for it alone.
void set_module(uintptr_t begin, uintptr_t end, bool with_libc);
// The module's allocations on this thread are counted from now on, and the one with that
// number fails; 0: none.
void arm(uint64_t number);
void disarm();
// Since the last arm().
uint64_t allocations();
bool has_failed();

}  // namespace wse::check::short_memory
