// SPDX-License-Identifier: MIT
// The counters that one module instance has registered.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace wse::module {

// One line of `wsectl stats`: "<instance>.<name>".
struct StatRow {
    std::string name;
    std::string help;
    int64_t value = 0;
};

class Stats {
public:
    static constexpr uint32_t kLimit = 64;

    // [main] while no other thread adds or reads. Names as module names are, each once.
    Result<uint32_t> add_counter(std::string name, std::string help);
    // [any] False when there is no such counter.
    bool add(uint32_t id, int64_t delta);
    // [any] In the order of registration.
    std::vector<StatRow> rows(const std::string &instance) const;

private:
    // Loops add without sharing a cache line: each thread has one of a few stripes, readers sum.
    static constexpr size_t kStripes = 8;
    struct alignas(64) Stripe {
        std::array<std::atomic<int64_t>, kLimit> values{};
    };
    struct Name {
        std::string name;
        std::string help;
    };
    static size_t stripe();

    std::vector<Name> names_;
    std::array<Stripe, kStripes> stripes_;
};

}  // namespace wse::module
