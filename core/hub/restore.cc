// SPDX-License-Identifier: MIT
// The hub and its journal: taking up what it had at the start, and writing again what it missed.
#include <algorithm>

#include "hub/hub.h"

namespace wse::hub {
namespace {

// The messages up to the head that have no hole; what comes before one leads nowhere.
size_t start_of_tail(const StoredTopic &stored) {
    const auto &messages = stored.messages;
    size_t start = messages.size();
    for (uint64_t offset = stored.head.offset;
         start > 0 && messages[start - 1].position.offset == offset; --offset)
        --start;
    return start;
}

}  // namespace

void Hub::restore(Journal &journal, StoredHistory stored) {
    journal_ = &journal;
    journal.set_holder(this);
    topics_.set_journaled();
    log_epoch_ = stored.log_epoch;
    sequence_ = stored.sequence;
    restore_ids(stored.topics);
    for (auto &topic : stored.topics) restore_topic(std::move(topic));
    for (auto &topic : stored.lost) restore_lost(std::move(topic));
}

// In the order of their commits, whatever topic they were for: the window forgets the oldest first.
void Hub::restore_ids(const std::vector<StoredTopic> &topics) {
    std::vector<const proto::Record *> given;
    for (const auto &topic : topics) {
        for (const auto &record : topic.messages) {
            if (record.publication.id_given) given.push_back(&record);
        }
    }
    std::sort(given.begin(), given.end(),
              [](const auto *a, const auto *b) { return a->sequence < b->sequence; });
    for (const auto *record : given) {
        dedup_.remember(record->publication.topic, record->publication.id, record->position,
                        committed_at(*record));
    }
}

// By the clock that never goes back, as far as the other one tells.
uint64_t Hub::committed_at(const proto::Record &record) const {
    const uint64_t now_ms = clock_.monotonic_ms();
    const uint64_t wall_ms = clock_.wall_ms();
    const uint64_t age_ms = wall_ms > record.wall_ms ? wall_ms - record.wall_ms : 0;
    return now_ms > age_ms ? now_ms - age_ms : 0;
}

void Hub::restore_topic(StoredTopic stored) {
    auto opened = topics_.open(stored.name);
    if (!opened || !(*opened)->policy->keeps()) return;
    Topic &topic = **opened;
    topic.at = {stored.head, stored.sequence, stored.mark};
    const size_t tail = start_of_tail(stored);
    const uint64_t before = stored.head.offset - (stored.messages.size() - tail);
    uint64_t missing = stored.sequence;  // up to this one: what came before the tail is not here
    if (before == 0) {
        missing = 0;
    } else if (tail < stored.messages.size()) {
        // 0: it was taken from the cluster.
        missing = std::max<uint64_t>(stored.messages[tail].sequence, 1) - 1;
    }
    store_.restart(topic, {stored.head.epoch, before}, missing);
    for (size_t i = 0; i < stored.messages.size(); ++i)
        take_back(topic, std::move(stored.messages[i]), i >= tail);
}

// Its last messages may be missing, so its positions are worth nothing, and the journal is told
// that they are not used any more; its state is still one.
void Hub::restore_lost(StoredTopic stored) {
    auto opened = topics_.open(stored.name);
    if (!opened || !(*opened)->policy->keeps()) return;
    Topic &topic = **opened;
    topic.at.mark = journal_->note(topic.name, topic.at.head, topic.at.sequence);
    if (topic.policy->retain == Retain::kNone) return;
    for (auto &record : stored.messages)
        place(std::move(record.publication), topic,
              {topic.at.head.epoch, topic.at.head.offset + 1});
}

void Hub::take_back(Topic &topic, proto::Record record, bool in_tail) {
    const uint64_t now_ms = clock_.monotonic_ms();
    const uint64_t at_ms = committed_at(record);
    const auto message = make_message(std::move(record), topic);
    in_tail ? store_.keep(topic, message, at_ms, now_ms) : store_.keep_state(topic, message);
}

// What was sent while nothing could be written is still held, or is gone from the memory too; in
// both cases the journal knows again where the topic stands.
void Hub::write_again() {
    bool complete = true;
    topics_.each([&](Topic &topic) {
        if (!complete || topic.at.mark != 0 || !topic.policy->keeps()) return;
        topic.at.mark = journal_->note(topic.name, topic.at.head, topic.at.sequence);
        for (const auto &message : Store::messages(topic)) {
            if (topic.at.mark == 0) break;
            topic.at.mark = journal_->append(*message, topic.at.head);
        }
        complete = topic.at.mark != 0;
    });
    if (complete) journal_->caught_up();
}

Journal::Holder::TopicState *Hub::find(std::string_view topic) {
    Topic *const found = topics_.find(topic);
    return found && found->policy->keeps() ? &found->at : nullptr;
}

bool Hub::holds(std::string_view topic, proto::Position position) {
    const Topic *const found = topics_.find(topic);
    return found && Store::holds(*found, position);
}

}  // namespace wse::hub
