// SPDX-License-Identifier: MIT
// Store: what the topics keep of their messages, in rings and retained, within one budget of
// memory. When it is used up, the topic that was longest not used gives first.
#pragma once

#include <cstdint>
#include <map>

#include "hub/topic.h"

namespace wse::hub {

class Store {
public:
    explicit Store(size_t max_bytes) : max_bytes_(max_bytes) {}

    // Takes the message, which is the topic's next, as the policy of the topic says.
    void keep(Topic &topic, const proto::MessageRef &message, uint64_t at_ms, uint64_t now_ms);
    // Takes an older message that is only retained.
    void keep_state(Topic &topic, const proto::MessageRef &message);
    // Somebody has looked at what the topic keeps.
    void touch(Topic &topic);
    // Gives up what is too old.
    void expire(Topic &topic, uint64_t now_ms);
    void expire_all(uint64_t now_ms);
    // Everything of the topic: a new incarnation begins with `head`, of which nothing up to
    // `sequence` is here; or the topic is forgotten.
    void restart(Topic &topic, proto::Position head, uint64_t sequence);
    void forget(Topic &topic) { restart(topic, topic.at.head, topic.at.sequence); }
    // All that the topic keeps, in the order of the offsets.
    static std::vector<proto::MessageRef> messages(const Topic &topic);
    static bool holds(const Topic &topic, proto::Position position);

    static size_t bytes_of(const Topic &topic);
    size_t bytes() const { return bytes_; }
    uint64_t evicted() const { return evicted_; }  // messages given up for lack of memory

private:
    // Adds to the account what `change` does to the topic.
    template <class F>
    void account(Topic &topic, F change);
    template <class F>
    static void change_ring(Topic &topic, F change);
    void retain(Topic &topic, const proto::MessageRef &message);
    void list(Topic &topic);
    void unlist(Topic &topic);
    void schedule(Topic &topic);
    void unschedule(Topic &topic);
    void shrink();
    void shrink_rings();
    void shrink_retentions();

    const size_t max_bytes_;
    size_t bytes_ = 0;
    uint64_t evicted_ = 0;
    Topic::Places rings_;  // topics that have any, longest unused first
    Topic::Places retentions_;
    std::multimap<uint64_t, Topic *> due_;  // when something of a topic may be too old
};

}  // namespace wse::hub
