// SPDX-License-Identifier: MIT
// The counters that one module instance has registered.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "loop/loop.h"

namespace wse::module {

// One line of `wsectl stats`: "<instance>.<name>".
struct StatRow {
    std::string name;
    std::string help;
    int64_t value = 0;             // the sum
    std::vector<int64_t> by_loop;  // of each loop, and last of all other threads
};

class Stats {
public:
    static constexpr uint32_t kLimit = 64;

    // `loops` outlive it; their threads have places of their own.
    explicit Stats(std::vector<const Loop *> loops);

    // [main] while no other thread adds or reads. Names as module names are, each once.
    Result<uint32_t> add_counter(std::string name, std::string help);
    // [any] False when there is no such counter.
    bool add(uint32_t id, int64_t delta);
    // [any] In the order of registration.
    std::vector<StatRow> rows(const std::string &instance) const;

private:
    // Loops add without sharing a cache line; all threads that are no loop share one more.
    struct alignas(64) Slots {
        std::array<std::atomic<int64_t>, kLimit> values{};
    };
    struct Name {
        std::string name;
        std::string help;
    };
    size_t place() const;

    const std::vector<const Loop *> loops_;
    std::vector<Name> names_;
    std::vector<Slots> slots_;
};

}  // namespace wse::module
