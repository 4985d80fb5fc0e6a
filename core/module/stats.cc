// SPDX-License-Identifier: MIT
#include "module/stats.h"

#include <algorithm>

#include "module/descriptor.h"

namespace wse::module {

Result<uint32_t> Stats::add_counter(std::string name, std::string help) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > kMaxNameLength ||
        !std::all_of(name.begin(), name.end(), allowed))
        return Error{WSE_EINVAL, "counter name is not 1 to " + std::to_string(kMaxNameLength) +
                                     " lower-case letters, digits and '_'"};
    const auto same = [&](const Name &other) { return other.name == name; };
    if (std::any_of(names_.begin(), names_.end(), same))
        return Error{WSE_EINVAL, "counter '" + name + "' is registered already"};
    if (names_.size() == kLimit)
        return Error{WSE_ETOOBIG, "counter '" + name + "' is one more than the " +
                                      std::to_string(kLimit) + " allowed"};
    names_.push_back({std::move(name), std::move(help)});
    return static_cast<uint32_t>(names_.size() - 1);
}

bool Stats::add(uint32_t id, int64_t delta) {
    if (id >= names_.size()) return false;
    stripes_[stripe()].values[id].fetch_add(delta, std::memory_order_relaxed);
    return true;
}

std::vector<StatRow> Stats::rows(const std::string &instance) const {
    std::vector<StatRow> rows;
    for (size_t id = 0; id < names_.size(); ++id) {
        int64_t sum = 0;
        for (const auto &stripe : stripes_)
            sum += stripe.values[id].load(std::memory_order_relaxed);
        rows.push_back({instance + '.' + names_[id].name, names_[id].help, sum});
    }
    return rows;
}

size_t Stats::stripe() {
    static std::atomic<size_t> next{0};
    thread_local const size_t mine = next++ % kStripes;
    return mine;
}

}  // namespace wse::module
