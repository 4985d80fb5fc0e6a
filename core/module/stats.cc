// SPDX-License-Identifier: MIT
#include "module/stats.h"

#include <algorithm>

#include "module/descriptor.h"

namespace wse::module {

Stats::Stats(std::vector<const Loop *> loops)
    : loops_(std::move(loops)), slots_(loops_.size() + 1) {}

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
    slots_[place()].values[id].fetch_add(delta, std::memory_order_relaxed);
    return true;
}

std::vector<StatRow> Stats::rows(const std::string &instance) const {
    std::vector<StatRow> rows;
    for (size_t id = 0; id < names_.size(); ++id) {
        StatRow row{instance + '.' + names_[id].name, names_[id].help, 0, {}};
        for (const auto &slots : slots_) {
            row.by_loop.push_back(slots.values[id].load(std::memory_order_relaxed));
            row.value += row.by_loop.back();
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// There are as many loops as cores at most, so looking is as fast as any index.
size_t Stats::place() const {
    const auto at = std::find(loops_.begin(), loops_.end(), Loop::current());
    return static_cast<size_t>(at - loops_.begin());
}

}  // namespace wse::module
