// SPDX-License-Identifier: MIT
// Arena: memory for the strings and lists that a bound struct points to; freed all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace wse::config {

// One thread. Moving it keeps what it gave valid.
class Arena {
public:
    Arena() = default;
    Arena(Arena &&) = default;
    Arena &operator=(Arena &&) = default;

    // Zeroed, aligned for any type, valid until the arena is destroyed.
    void *allocate(size_t size);
    // A copy with a NUL behind it.
    const char *string(std::string_view text);
    template <class T>
    T *array(size_t count) {
        return static_cast<T *>(allocate(count * sizeof(T)));
    }

private:
    std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace wse::config
