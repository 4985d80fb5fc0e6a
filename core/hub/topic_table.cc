// SPDX-License-Identifier: MIT
#include "hub/topic_table.h"

#include <algorithm>

namespace wse::hub {
namespace {

constexpr size_t kMostLookedAt = 1000;  // to find one that may be forgotten

}  // namespace

TopicTable::TopicTable(uint64_t max_topics, uint32_t loops, PolicyOf policy_of, Store &store,
                       uint64_t seed)
    : max_topics_(max_topics),
      loops_(loops),
      policy_of_(std::move(policy_of)),
      store_(store),
      epoch_state_(seed) {}

Topic *TopicTable::find(std::string_view name) {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second.get();
}

const Topic *TopicTable::find(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second.get();
}

Result<Topic *> TopicTable::open(std::string_view name) {
    if (Topic *found = find(name)) return found;
    if (topics_.size() >= max_topics_ && !forget_longest_idle()) {
        return Error{WSE_EAGAIN, "the server holds " + std::to_string(max_topics_) +
                                     " topics, all with subscribers (limits.max_topics)"};
    }
    auto topic = std::make_unique<Topic>(name, policy_of_(name), loops_);
    Topic *const opened = topic.get();
    opened->at.head = {next_epoch(), 0};
    opened->ring.restart(opened->at.head, 0);
    update_idle(*opened);
    names_.insert(opened->name);
    topics_.emplace(opened->name, std::move(topic));
    return opened;
}

void TopicTable::update_idle(Topic &topic) {
    if (topic.idle_in) topic.idle_in->erase(topic.idle);
    topic.idle_in = nullptr;
    if (topic.subscriber_count > 0) return;
    // Somebody may come back for what it has kept, or has to hear that it is gone.
    const bool is_kept = topic.policy->keeps() && topic.at.head.offset > 0;
    topic.idle_in = is_kept ? &idle_keeping_ : &idle_bare_;
    topic.idle = topic.idle_in->insert(topic.idle_in->end(), &topic);
}

// Those that have kept nothing first: names come and go, and must not push out what others have
// said.
bool TopicTable::forget_longest_idle() {
    for (Topic::Places *list : {&idle_bare_, &idle_keeping_}) {
        size_t looked_at = 0;
        for (Topic *topic : *list) {
            if (++looked_at > kMostLookedAt) break;
            if (!may_forget(*topic)) continue;
            forget(*topic);
            return true;
        }
    }
    return false;
}

// The journal knows a topic that it could not write of with an older head, and would revive it so.
bool TopicTable::may_forget(const Topic &topic) const {
    // Other hosts are still to be told that its last member has left.
    if (!topic.groups.empty()) return false;
    const bool is_written = topic.at.mark != 0 || topic.at.head.offset == 0;
    return !journaled_ || is_written || !topic.policy->keeps();
}

void TopicTable::forget(Topic &topic) {
    if (topic.policy->stamped())
        forgotten_sequence_ = std::max(forgotten_sequence_, topic.at.sequence);
    topic.idle_in->erase(topic.idle);
    store_.forget(topic);
    const std::string name = topic.name;
    names_.erase(name);
    topics_.erase(name);
}

uint32_t TopicTable::next_epoch() {
    // splitmix64: a topic that comes back after it was forgotten is not taken for what it was.
    epoch_state_ += 0x9e3779b97f4a7c15U;
    uint64_t mixed = epoch_state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return static_cast<uint32_t>(mixed >> 32);
}

}  // namespace wse::hub
