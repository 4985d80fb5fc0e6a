// SPDX-License-Identifier: MIT
#include "module/call.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "module/host.h"
#include "module/loop_side.h"

namespace wse::module {
namespace {

// Never destroyed: loops may call modules until the very end of the process.
struct Registry {
    std::mutex mutex;
    std::vector<const CallSlot *> slots;
    std::set<std::string, std::less<>> names;
};

Registry &registry() {
    static Registry &the_registry = *new Registry;
    return the_registry;
}

// The handler of a fatal signal must not be the one to make a thread's slot.
thread_local constinit const CallSlot *this_slot = nullptr;

struct RegisteredSlot {
    CallSlot slot;

    RegisteredSlot() {
        const std::lock_guard lock(registry().mutex);
        registry().slots.push_back(&slot);
        this_slot = &slot;
    }
    ~RegisteredSlot() {
        this_slot = nullptr;
        const std::lock_guard lock(registry().mutex);
        std::erase(registry().slots, &slot);
    }
    RegisteredSlot(const RegisteredSlot &) = delete;
    RegisteredSlot &operator=(const RegisteredSlot &) = delete;
};

CallSlot &own_slot() {
    thread_local RegisteredSlot registered;
    return registered.slot;
}

void tell(CallSlot &slot, const char *module, const char *function, const char *loop,
          uint64_t began_ms) {
    // Odd while it changes; who reads in between looks again later. Each store releases the odd
    // number with it: who acquires a new value and then reads the number cannot miss the change.
    slot.serial.fetch_add(1, std::memory_order_relaxed);
    slot.module.store(module, std::memory_order_release);
    slot.function.store(function, std::memory_order_release);
    slot.loop.store(loop, std::memory_order_release);
    slot.began_ms.store(began_ms, std::memory_order_release);
    slot.serial.fetch_add(1, std::memory_order_release);
}

}  // namespace

Call::Call(LoopSide &side, const char *function)
    : side_(side), function_(function), began_ms_(side.host().clock().monotonic_ms()) {
    CallSlot &slot = own_slot();
    outer_module_ = slot.module.load(std::memory_order_relaxed);
    outer_function_ = slot.function.load(std::memory_order_relaxed);
    outer_loop_ = slot.loop.load(std::memory_order_relaxed);
    outer_began_ms_ = slot.began_ms.load(std::memory_order_relaxed);
    tell(slot, side.host().interned_name(), function, side.loop_name(), began_ms_);
}

Call::~Call() {
    tell(own_slot(), outer_module_, outer_function_, outer_loop_, outer_began_ms_);
    const uint64_t took_ms = side_.host().clock().monotonic_ms() - began_ms_;
    side_.host().call_took(function_, side_.loop_name(), took_ms);
}

const char *interned(std::string_view name) {
    const std::lock_guard lock(registry().mutex);
    return registry().names.emplace(name).first->c_str();
}

const CallSlot *current_call() {
    return this_slot;
}

void visit_calls(const std::function<void(const CallSlot &)> &visit) {
    const std::lock_guard lock(registry().mutex);
    for (const CallSlot *slot : registry().slots) visit(*slot);
}

}  // namespace wse::module
