// SPDX-License-Identifier: MIT
// The module function that a thread is in: timed, watched from outside, and named when it ends in a
// crash.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace wse::module {

class LoopSide;

// Stands around every call into a module on a loop. A call that takes longer than the budget of
// its instance is logged and counted. Costs two readings of the clock; may be nested. [loop]
class Call {
public:
    // `function` is a literal. The instance must be there until the call has ended.
    Call(LoopSide &side, const char *function);
    ~Call();
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

private:
    LoopSide &side_;
    const char *function_;
    const char *outer_module_;  // of the call that this one interrupts, or null
    const char *outer_function_;
    const char *outer_loop_;
    uint64_t outer_began_ms_;
    uint64_t began_ms_;
};

// What a thread says of the call it is in. Read by other threads and by signal handlers: names are
// literals or interned, so that they are there whenever they are read.
struct CallSlot {
    std::atomic<uint64_t> serial{0};  // another one for each call and each end
    std::atomic<uint64_t> began_ms{0};
    std::atomic<const char *> module{nullptr};  // null: in none
    std::atomic<const char *> function{nullptr};
    std::atomic<const char *> loop{nullptr};
};

// [any] The same text, for the rest of the process. Names of instances and loops are few.
const char *interned(std::string_view name);
// [signal] Of the calling thread; null when it has never called a module.
const CallSlot *current_call();
// [any] Each thread that has called a module and has not ended; they do not end meanwhile.
void visit_calls(const std::function<void(const CallSlot &)> &visit);

}  // namespace wse::module
