// SPDX-License-Identifier: MIT
#include "config/arena.h"

#include <cstring>

namespace wse::config {

// A block of its own for each piece: a configuration has dozens of them, not thousands.
void *Arena::allocate(size_t size) {
    blocks_.push_back(std::make_unique<std::byte[]>(size + 1));
    return blocks_.back().get();
}

const char *Arena::string(std::string_view text) {
    char *copy = array<char>(text.size() + 1);
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    return copy;
}

}  // namespace wse::config
