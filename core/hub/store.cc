// SPDX-License-Identifier: MIT
#include "hub/store.h"

namespace wse::hub {

size_t Store::bytes_of(const Topic &topic) {
    return topic.ring.memory_bytes() + topic.retained_bytes + topic.retention.memory_bytes();
}

template <class F>
void Store::account(Topic &topic, F change) {
    bytes_ -= bytes_of(topic);
    change();
    bytes_ += bytes_of(topic);
}

// A retained message that leaves the ring is counted with the retained ones from then on.
template <class F>
void Store::change_ring(Topic &topic, F change) {
    const uint64_t first = topic.ring.first_offset();
    const uint64_t last = topic.ring.last_offset();
    change();
    if (topic.retention.empty()) return;
    for (uint64_t offset = first; offset <= last && offset < topic.ring.first_offset(); ++offset) {
        if (const auto *kept = topic.retention.find(offset))
            topic.retained_bytes += footprint(*kept);
    }
}

void Store::keep(Topic &topic, const proto::MessageRef &message, uint64_t at_ms, uint64_t now_ms) {
    const TopicPolicy &policy = *topic.policy;
    if (!policy.keeps()) return;
    account(topic, [&] {
        if (policy.retain != Retain::kNone) retain(topic, message);
        if (policy.has_history()) change_ring(topic, [&] { topic.ring.push(message, at_ms); });
        const bool in_ring =
            !topic.ring.empty() && topic.ring.first_offset() <= message->position.offset;
        if (!in_ring && policy.retain != Retain::kNone) topic.retained_bytes += footprint(*message);
    });
    touch(topic);
    expire(topic, now_ms);
    schedule(topic);
    shrink();
}

void Store::keep_state(Topic &topic, const proto::MessageRef &message) {
    if (topic.policy->retain == Retain::kNone) return;
    account(topic, [&] {
        retain(topic, message);
        topic.retained_bytes += footprint(*message);
    });
    list(topic);
    shrink();
}

void Store::retain(Topic &topic, const proto::MessageRef &message) {
    for (const auto &gone : topic.retention.put(message)) {
        const bool in_ring =
            !topic.ring.empty() && gone->position.offset >= topic.ring.first_offset();
        if (!in_ring) topic.retained_bytes -= footprint(*gone);
    }
}

void Store::touch(Topic &topic) {
    if (topic.in_rings) rings_.splice(rings_.end(), rings_, topic.ring_place);
    if (topic.in_retentions)
        retentions_.splice(retentions_.end(), retentions_, topic.retention_place);
    list(topic);
}

void Store::list(Topic &topic) {
    if (!topic.in_rings && !topic.ring.empty()) {
        topic.ring_place = rings_.insert(rings_.end(), &topic);
        topic.in_rings = true;
    }
    if (!topic.in_retentions && !topic.retention.empty()) {
        topic.retention_place = retentions_.insert(retentions_.end(), &topic);
        topic.in_retentions = true;
    }
}

// From the lists that it has nothing for any more.
void Store::unlist(Topic &topic) {
    if (topic.in_rings && topic.ring.empty()) {
        rings_.erase(topic.ring_place);
        topic.in_rings = false;
    }
    if (topic.in_retentions && topic.retention.empty()) {
        retentions_.erase(topic.retention_place);
        topic.in_retentions = false;
    }
}

void Store::expire(Topic &topic, uint64_t now_ms) {
    if (topic.ring.next_expiry() > now_ms) return;
    account(topic, [&] { change_ring(topic, [&] { topic.ring.expire(now_ms); }); });
    unlist(topic);
}

// One entry a topic, for the time its oldest message could go; looked at when it comes.
void Store::schedule(Topic &topic) {
    const uint64_t due_ms = topic.ring.next_expiry();
    if (due_ms == Ring::kNever || topic.expiry_due_ms != 0) return;
    topic.expiry_due_ms = due_ms;
    due_.emplace(due_ms, &topic);
}

void Store::expire_all(uint64_t now_ms) {
    while (!due_.empty() && due_.begin()->first <= now_ms) {
        Topic &topic = *due_.begin()->second;
        due_.erase(due_.begin());
        topic.expiry_due_ms = 0;
        expire(topic, now_ms);
        schedule(topic);
    }
}

// Histories first: a replay can be refused and said so, a state that is lost is only missing.
void Store::shrink() {
    if (bytes_ > max_bytes_) shrink_rings();
    if (bytes_ > max_bytes_) shrink_retentions();
}

void Store::shrink_rings() {
    while (!rings_.empty() && bytes_ > max_bytes_) {
        Topic &topic = *rings_.front();
        account(topic, [&] {
            while (!topic.ring.empty() && bytes_ + bytes_of(topic) > max_bytes_) {
                change_ring(topic, [&] { topic.ring.pop_front(); });
                ++evicted_;
            }
        });
        unlist(topic);
    }
}

void Store::shrink_retentions() {
    while (!retentions_.empty() && bytes_ > max_bytes_) {
        Topic &topic = *retentions_.front();
        evicted_ += topic.retention.size();
        account(topic, [&] {
            topic.retention.clear();
            topic.retained_bytes = 0;
        });
        topic.has_all_keys = false;
        unlist(topic);
    }
}

void Store::restart(Topic &topic, proto::Position head, uint64_t sequence) {
    account(topic, [&] {
        topic.ring.restart(head, sequence);
        topic.retention.clear();
        topic.retained_bytes = 0;
    });
    unlist(topic);
    unschedule(topic);
}

void Store::unschedule(Topic &topic) {
    if (topic.expiry_due_ms == 0) return;
    const auto [first, last] = due_.equal_range(topic.expiry_due_ms);
    for (auto at = first; at != last; ++at) {
        if (at->second != &topic) continue;
        due_.erase(at);
        break;
    }
    topic.expiry_due_ms = 0;
}

std::vector<proto::MessageRef> Store::messages(const Topic &topic) {
    auto all = topic.retention.messages();
    // Without a history the ring does not know where the topic stands.
    if (topic.ring.empty()) return all;
    const uint64_t first = topic.ring.first_offset();
    std::erase_if(all, [&](const auto &message) { return message->position.offset >= first; });
    const auto recent = topic.ring.after(first - 1, topic.ring.size(), SIZE_MAX);
    all.insert(all.end(), recent.begin(), recent.end());
    return all;
}

bool Store::holds(const Topic &topic, proto::Position position) {
    if (position.epoch != topic.at.head.epoch) return false;
    return topic.ring.find(position) || topic.retention.find(position.offset);
}

}  // namespace wse::hub
