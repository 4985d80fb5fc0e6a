// SPDX-License-Identifier: MIT
// What one module instance sees of the server: its own wse_host, so that a call from any thread
// is known to be its.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/ref.h"
#include "loop/loop.h"
#include "module/services.h"
#include "module/stats.h"

namespace wse::module {

class LoopSide;

#if !defined(NDEBUG) || defined(WSE_CHECK)
inline constexpr bool kStrictByDefault = true;
#else
inline constexpr bool kStrictByDefault = false;
#endif

// A loop that modules run on, and its counters.
struct Home {
    Loop *loop = nullptr;
    Counters *counters = nullptr;
};

// Where modules run. Everything outlives the instances.
struct Surroundings {
    const Clock &clock;
    std::vector<Home> loops;       // the connection loops
    Home service = {};             // the service loop; null where no kind that needs it is loaded
    Services *services = nullptr;  // likewise
    uint64_t max_answer_bytes = uint64_t{1} << 20;  // of a snapshot's data
    // A module that breaks a rule of the ABI ends the process, with its name and the rule;
    // otherwise it is logged (and counted, where there is a counter).
    bool strict = kStrictByDefault;
    uint64_t stop_deadline_ms = 5000;  // for a stop on one loop
    uint64_t call_budget_ms = 100;     // for one call on a loop; what takes longer is logged
};

class Host {
public:
    // `name` is the instance's. The kind decides on which loops it runs.
    Host(std::string name, wse_kind kind, const Surroundings &surroundings);
    ~Host();
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    const wse_host *abi() const { return &table_.abi; }
    static Host &of(const wse_host *host);

    const std::string &name() const { return name_; }
    const char *interned_name() const { return interned_name_; }  // never freed
    const Clock &clock() const { return clock_; }
    Services *services() const { return services_; }
    uint64_t max_answer_bytes() const { return max_answer_bytes_; }
    size_t loop_count() const { return sides_.size(); }
    LoopSide &side(size_t loop) { return *sides_[loop]; }
    Stats &stats() { return stats_; }
    const Stats &stats() const { return stats_; }

    // [main] While create runs, counters may be registered.
    void set_creating(bool creating) { creating_ = creating; }
    bool creating() const { return creating_; }

    // [loop] A call into the module has returned.
    void call_took(const char *function, const char *loop, uint64_t ms);
    // [any] Calls over the budget so far, and the longest of them.
    uint64_t slow_calls() const { return slow_calls_.load(std::memory_order_relaxed); }
    uint64_t slowest_ms() const { return slowest_ms_.load(std::memory_order_relaxed); }

    // [any] The module did what the ABI forbids.
    void misuse(std::string_view rule);
    // [any] True when on the loop's thread; else a misuse of `function`.
    bool on_loop(const LoopSide &side, const char *function);
    bool on_service_loop(const LoopSide &side) const;

private:
    // The module's pointer is to the first member, ours to the whole.
    struct Table {
        wse_host abi{};
        Host *host = nullptr;
    };

    std::string name_;
    const char *const interned_name_;
    const Clock &clock_;
    Services *const services_;
    const uint64_t max_answer_bytes_;
    const uint64_t call_budget_ms_;
    std::atomic<uint64_t> slow_calls_{0};
    std::atomic<uint64_t> slowest_ms_{0};
    bool strict_;
    bool creating_ = false;
    const Loop *const service_loop_;
    Stats stats_;
    Table table_;
    std::vector<Ref<LoopSide>> sides_;
};

}  // namespace wse::module
