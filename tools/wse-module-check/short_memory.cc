// SPDX-License-Identifier: MIT
#include "short_memory.h"

#include <link.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WSE_OWN_MALLOC 0
#else
#define WSE_OWN_MALLOC 1
#endif

namespace wse::check::short_memory {
namespace {

struct Range {
    uintptr_t begin = 0, end = 0;
};

// Callers whose memory runs out.
std::array<Range, 16> failing;
size_t failing_count = 0;

thread_local constinit bool armed = false;
thread_local constinit uint64_t failing_number = 0;
thread_local constinit uint64_t count = 0;

void add(uintptr_t begin, uintptr_t end) {
    if (failing_count < failing.size()) failing[failing_count++] = {begin, end};
}

int note_library(dl_phdr_info *object, size_t, void *with_libc) noexcept {
    const std::string_view name = object->dlpi_name ? object->dlpi_name : "";
    const bool standard = (with_libc && name.find("/libc.so") != std::string_view::npos) ||
                          name.find("/libstdc++.so") != std::string_view::npos;
    for (int i = 0; standard && i < object->dlpi_phnum; ++i) {
        const auto &segment = object->dlpi_phdr[i];
        const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD) add(begin, begin + segment.p_memsz);
    }
    return 0;
}

}  // namespace

// Called by malloc, so it must not need memory.
bool fails(const void *caller) {
    if (!armed) return false;
    const auto address = reinterpret_cast<uintptr_t>(caller);
    for (size_t i = 0; i < failing_count; ++i)
        if (address >= failing[i].begin && address < failing[i].end)
            return ++count == failing_number;
    return false;
}

bool is_possible() {
    return WSE_OWN_MALLOC != 0;
}

void set_module(uintptr_t begin, uintptr_t end, bool with_libc) {
    failing_count = 0;
    add(begin, end);
    dl_iterate_phdr(note_library, with_libc ? &failing_count : nullptr);
}

void arm(uint64_t number) {
    count = 0;
    failing_number = number;
    armed = true;
}

void disarm() {
    armed = false;
}

uint64_t allocations() {
    return count;
}

bool has_failed() {
    return failing_number != 0 && count >= failing_number;
}

}  // namespace wse::check::short_memory

#if WSE_OWN_MALLOC
// The C library calls these in place of its own, which stay reachable by these names.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size) {
    if (!wse::check::short_memory::fails(__builtin_return_address(0))) return __libc_malloc(size);
    errno = ENOMEM;
    return nullptr;
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size) {
    if (!wse::check::short_memory::fails(__builtin_return_address(0)))
        return __libc_calloc(count, size);
    errno = ENOMEM;
    return nullptr;
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size) {
    if (!wse::check::short_memory::fails(__builtin_return_address(0)))
        return __libc_realloc(old, size);
    errno = ENOMEM;
    return nullptr;
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
#endif
