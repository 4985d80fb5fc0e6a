// SPDX-License-Identifier: MIT
// A stack of its own for the signal handlers of one thread, so that one which has used up its stack
// can still say so.
#pragma once

#include <cstddef>
#include <memory>

namespace wse {

// Lives on the thread it serves. Does nothing where somebody else (a sanitizer) was there before.
class AltStack {
public:
    AltStack();
    ~AltStack();
    AltStack(const AltStack &) = delete;
    AltStack &operator=(const AltStack &) = delete;

private:
    static constexpr size_t kSize = size_t{64} << 10;
    std::unique_ptr<std::byte[]> memory_;
};

}  // namespace wse
