// SPDX-License-Identifier: MIT
#include "module/watchdog.h"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <set>
#include <utility>

#include "base/log.h"

namespace wse::module {
namespace {

void log_call(const StuckCall &call) {
    if (call.returned) {
        log::warn("module", "module.returned",
                  {{"module", call.module},
                   {"function", call.function},
                   {"loop", call.loop},
                   {"ms", call.ms}});
    } else {
        log::error("module", "module.stuck",
                   {{"module", call.module},
                    {"function", call.function},
                    {"loop", call.loop},
                    {"seconds", call.ms / 1000}});
    }
}

}  // namespace

std::vector<StuckCall> CallWatch::look(uint64_t now_ms) {
    std::vector<StuckCall> news;
    std::set<const CallSlot *> standing;
    visit_calls([&](const CallSlot &slot) {
        const uint64_t serial = slot.serial.load(std::memory_order_acquire);
        const StuckCall call{slot.module.load(std::memory_order_acquire),
                             slot.function.load(std::memory_order_acquire),
                             slot.loop.load(std::memory_order_acquire)};
        const uint64_t began_ms = slot.began_ms.load(std::memory_order_acquire);
        if (slot.serial.load(std::memory_order_relaxed) != serial || serial % 2 != 0) return;
        if (!call.module || now_ms < began_ms + kStuckMs) return;
        Known &known = known_[&slot];
        if (known.serial == serial) {
            standing.insert(&slot);
            return;
        }
        if (known.serial != 0) return;  // what stood here before has returned, which comes first
        known = {serial, began_ms, call};
        standing.insert(&slot);
        news.push_back(call);
        news.back().ms = now_ms - began_ms;
    });
    for (auto one = known_.begin(); one != known_.end();) {
        if (standing.count(one->first) > 0) {
            ++one;
            continue;
        }
        news.push_back(one->second.call);
        news.back().ms = now_ms - one->second.began_ms;
        news.back().returned = true;
        one = known_.erase(one);
    }
    return news;
}

Watchdog::Watchdog(const Clock &clock) : clock_(clock), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Watchdog::run() noexcept {
    // Signals are the main thread's.
    sigset_t all;
    sigfillset(&all);
    for (const int fatal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, fatal);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    pthread_setname_np(pthread_self(), "watchdog");
    CallWatch watch;
    std::unique_lock lock(mutex_);
    while (
        !wake_.wait_for(lock, std::chrono::milliseconds(kIntervalMs), [this] { return ending_; })) {
        for (const StuckCall &call : watch.look(clock_.monotonic_ms())) log_call(call);
    }
}

}  // namespace wse::module
