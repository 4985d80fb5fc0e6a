// SPDX-License-Identifier: MIT
// TopicTable: the topics of the server by name, and which of them may be forgotten to make room.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/glob.h"
#include "base/result.h"
#include "hub/store.h"
#include "hub/topic.h"

namespace wse::hub {

class TopicTable {
public:
    // `seed` makes epochs: another one for each start of the process. `store` outlives it.
    TopicTable(uint64_t max_topics, uint32_t loops, PolicyOf policy_of, Store &store,
               uint64_t seed);

    Topic *find(std::string_view name);
    const Topic *find(std::string_view name) const;
    // Makes it when there is none; when that is one too many, the longest idle topic that nobody
    // subscribes is forgotten.
    Result<Topic *> open(std::string_view name);
    // Of a topic, also one that is not here.
    const TopicPolicy &policy_of(std::string_view name) const { return policy_of_(name); }
    size_t size() const { return topics_.size(); }

    // There is a journal: what it could not write of yet is not forgotten.
    void set_journaled() { journaled_ = true; }

    // Subscribers have come or gone, or something was published.
    void update_idle(Topic &topic);
    // An epoch that no client has seen.
    uint32_t next_epoch();
    // The highest sequence number of a message whose topic was forgotten; 0: none.
    uint64_t forgotten_sequence() const { return forgotten_sequence_; }

    // In the order of their names. `visit` may not open or forget topics.
    template <class Visit>
    void match(std::string_view pattern, Visit visit) const {
        const std::string_view prefix = pattern.substr(0, pattern.find_first_of("*?"));
        for (auto at = names_.lower_bound(prefix); at != names_.end(); ++at) {
            if (!at->starts_with(prefix)) break;
            if (glob_match(pattern, *at)) visit(*topics_.find(*at)->second);
        }
    }
    template <class Visit>
    void each(Visit visit) {
        for (const auto &[name, topic] : topics_) visit(*topic);
    }

private:
    bool forget_longest_idle();
    bool may_forget(const Topic &topic) const;
    void forget(Topic &topic);

    const uint64_t max_topics_;
    const uint32_t loops_;
    const PolicyOf policy_of_;
    Store &store_;
    uint64_t epoch_state_;
    uint64_t forgotten_sequence_ = 0;
    bool journaled_ = false;
    // Keys are views of the topics' names.
    std::unordered_map<std::string_view, std::unique_ptr<Topic>> topics_;
    std::set<std::string_view> names_;
    // Without subscribers, longest idle first: those that have kept nothing, and the others.
    Topic::Places idle_bare_;
    Topic::Places idle_keeping_;
};

}  // namespace wse::hub
