// SPDX-License-Identifier: MIT
#include "hub/links.h"

#include <algorithm>
#include <utility>

namespace wse::hub {

bool Links::want(const std::string &name) {
    const auto [link, is_new] = links_.try_emplace(name);
    if (std::exchange(link->second.leave_at_ms, 0) != 0) --leaving_links_;
    return is_new;
}

bool Links::is_followed(const std::string &name) const {
    const auto link = links_.find(name);
    return link != links_.end() && link->second.followed;
}

void Links::hold(Subscribe command, const std::vector<Need> &needs, uint64_t deadline_ms) {
    const uint64_t number = ++last_;
    size_t missing = 0;
    for (const auto &need : needs) {
        auto &held = links_.at(need.name).held;
        if (!held.empty() && held.back().number == number) {
            held.back().offset = std::max(held.back().offset, need.offset);
            continue;
        }
        held.push_back({number, need.offset});
        ++missing;
    }
    held_.emplace(number, Held{std::move(command), missing, deadline_ms});
}

bool Links::set_followed(const std::string &name) {
    const auto link = links_.find(name);
    if (link == links_.end()) return false;
    link->second.followed = true;
    return true;
}

void Links::set_known_since(const std::string &name, uint64_t sequence) {
    links_.at(name).known_since = sequence;
}

uint64_t Links::known_since(const std::string &name) const {
    const auto link = links_.find(name);
    return link == links_.end() ? UINT64_MAX : link->second.known_since;
}

void Links::ask_again(const std::string &name) {
    links_.at(name).followed = false;
}

// One that was served late is not taken out where it waited.
bool Links::is_awaited(const std::string &name) const {
    const auto link = links_.find(name);
    return link != links_.end() &&
           std::any_of(link->second.held.begin(), link->second.held.end(),
                       [this](const Waiter &waiter) { return held_.contains(waiter.number); });
}

std::vector<Subscribe> Links::take_ready(const std::string &name, uint64_t offset) {
    std::vector<Subscribe> ready;
    const auto link = links_.find(name);
    if (link == links_.end() || link->second.held.empty()) return ready;
    for (const auto &waiter : std::exchange(link->second.held, {})) {
        const auto held = held_.find(waiter.number);
        if (held == held_.end()) continue;
        if (waiter.offset > offset) {
            link->second.held.push_back(waiter);
        } else if (--held->second.missing == 0) {
            ready.push_back(std::move(held->second.command));
            held_.erase(held);
        }
    }
    return ready;
}

std::vector<Subscribe> Links::take_late(uint64_t now_ms) {
    std::vector<Subscribe> late;
    while (!held_.empty() && held_.begin()->second.deadline_ms <= now_ms) {
        late.push_back(std::move(held_.begin()->second.command));
        held_.erase(held_.begin());
    }
    return late;
}

void Links::leave(const std::string &name, uint64_t at_ms) {
    const auto link = links_.find(name);
    if (link == links_.end() || link->second.leave_at_ms != 0) return;
    link->second.leave_at_ms = at_ms;
    ++leaving_links_;
    leaving_.emplace(at_ms, name);
}

std::vector<std::string> Links::take_left(uint64_t now_ms) {
    std::vector<std::string> left;
    while (!leaving_.empty() && leaving_.begin()->first <= now_ms) {
        const auto [at_ms, name] = *leaving_.begin();
        leaving_.erase(leaving_.begin());
        const auto link = links_.find(name);
        // Wanted again since, and perhaps left again later.
        if (link == links_.end() || link->second.leave_at_ms != at_ms) continue;
        link->second.leave_at_ms = 0;
        --leaving_links_;
        left.push_back(name);
    }
    return left;
}

}  // namespace wse::hub
