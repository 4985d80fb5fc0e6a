// SPDX-License-Identifier: MIT
#include "base/alt_stack.h"

#include <signal.h>

namespace wse {

AltStack::AltStack() {
    stack_t there{};
    if (sigaltstack(nullptr, &there) != 0 || (there.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique<std::byte[]>(kSize);
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kSize;
    sigaltstack(&stack, nullptr);
}

AltStack::~AltStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
}

}  // namespace wse
