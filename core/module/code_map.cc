// SPDX-License-Identifier: MIT
#include "module/code_map.h"

#include <array>
#include <atomic>

namespace wse::module {
namespace {

struct Entry {
    CodeRange range;
    const char *name = nullptr;
};

// Modules are never unloaded once they were created, so entries stay.
std::array<Entry, kMaxRanges> entries;
std::atomic<uint32_t> entry_count{0};

}  // namespace

void add_code(const CodeRange &range, const char *name) {
    const uint32_t count = entry_count.load(std::memory_order_relaxed);
    if (range.begin == range.end || count == kMaxRanges || module_at(range.begin)) return;
    entries[count] = {range, name};
    entry_count.store(count + 1, std::memory_order_release);
}

const char *module_at(uintptr_t address) {
    const uint32_t count = entry_count.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < count; ++i) {
        const Entry &entry = entries[i];
        if (address >= entry.range.begin && address < entry.range.end) return entry.name;
    }
    return nullptr;
}

}  // namespace wse::module
