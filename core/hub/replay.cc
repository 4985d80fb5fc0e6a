// SPDX-License-Identifier: MIT
#include "hub/replay.h"

#include <algorithm>

namespace wse::hub {
namespace {

bool is_recoverable(const Topic &topic, proto::Position from) {
    if (!topic.policy->stamped() || from.epoch != topic.at.head.epoch) return false;
    return from.offset == topic.at.head.offset ||
           (from.offset < topic.at.head.offset && topic.ring.covers(from));
}

// `part.from` has been checked: the ring has what comes after it.
void fill(const Topic &topic, Replayed &part, ReplayBudget &budget) {
    part.count = topic.at.head.offset - part.from.offset;
    if (budget.messages > 0 && budget.bytes > 0)
        part.messages = topic.ring.after(part.from.offset, budget.messages, budget.bytes);
    for (const auto &message : part.messages)
        budget.bytes -= std::min(budget.bytes, message->publication.bytes() + 1);
    budget.messages -= part.messages.size();
    part.more = part.messages.size() < part.count;
}

// Sequence numbers rise with the offsets: the first message above is found by halving.
uint64_t first_above(const Topic &topic, uint64_t sequence) {
    uint64_t low = topic.ring.first_offset();
    for (uint64_t high = topic.at.head.offset + 1; low < high;) {
        const uint64_t middle = low + (high - low) / 2;
        if (topic.ring.find({topic.at.head.epoch, middle})->sequence > sequence) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

Replayed replay_after(const Topic &topic, proto::Position from, ReplayBudget &budget) {
    Replayed part{.topic = topic.name, .head = topic.at.head, .from = from};
    part.recovered = is_recoverable(topic, from);
    if (part.recovered) fill(topic, part, budget);
    return part;
}

Replayed replay_since(const Topic &topic, uint64_t sequence, ReplayBudget &budget) {
    Replayed part{.topic = topic.name, .head = topic.at.head, .asked = false};
    part.recovered = topic.ring.evicted_sequence() <= sequence;
    part.from = topic.at.head;
    if (!topic.ring.empty()) part.from.offset = first_above(topic, sequence) - 1;
    fill(topic, part, budget);
    return part;
}

Retained retained_of(const Topic &topic) {
    return {topic.name, topic.at.head, topic.retention.messages()};
}

}  // namespace wse::hub
