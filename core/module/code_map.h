// SPDX-License-Identifier: MIT
// Which module an address of code belongs to. Filled while modules are created, since a signal
// handler cannot ask the linker.
#pragma once

#include <cstdint>

namespace wse::module {

struct CodeRange {
    uintptr_t begin = 0;
    uintptr_t end = 0;
};

// [main] From now on code in the range is known as `name`, which is never freed. What is there
// under another name already keeps it; beyond kMaxRanges nothing is added.
void add_code(const CodeRange &range, const char *name);
// [signal] Null when it is no module's.
const char *module_at(uintptr_t address);

inline constexpr uint32_t kMaxRanges = 256;

}  // namespace wse::module
