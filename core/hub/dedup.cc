// SPDX-License-Identifier: MIT
#include "hub/dedup.h"

#include <functional>
#include <utility>

namespace wse::hub {

const proto::Position *DedupWindow::find(std::string_view topic, std::string_view id,
                                         uint64_t now_ms) const {
    const auto found = index_.find(Key{topic, id});
    if (found == index_.end() || is_old(**found, now_ms)) return nullptr;
    return &(*found)->position;
}

void DedupWindow::remember(std::string_view topic, std::string_view id, proto::Position position,
                           uint64_t now_ms) {
    expire(now_ms);
    if (limits_.ids == 0 || index_.contains(Key{topic, id})) return;
    if (entries_.size() >= limits_.ids) forget_oldest();
    std::string text;
    text.reserve(topic.size() + id.size());
    text.append(topic).append(id);
    index_.insert(&entries_.emplace_back(Entry{std::move(text), topic.size(), position, now_ms}));
}

void DedupWindow::expire(uint64_t now_ms) {
    while (!entries_.empty() && is_old(entries_.front(), now_ms)) forget_oldest();
}

bool DedupWindow::is_old(const Entry &entry, uint64_t now_ms) const {
    return limits_.age_ms != 0 && entry.at_ms + limits_.age_ms <= now_ms;
}

void DedupWindow::forget_oldest() {
    index_.erase(&entries_.front());
    entries_.pop_front();
}

// The length, and no separator, tells the two apart: an id may have any byte.
DedupWindow::Key DedupWindow::Entry::key() const {
    const std::string_view both = text;
    return {both.substr(0, topic_bytes), both.substr(topic_bytes)};
}

size_t DedupWindow::Hash::operator()(const Key &key) const {
    const std::hash<std::string_view> hash;
    // Multiplied, so that a topic and an id of the same text do not cancel each other out.
    return hash(key.topic) * 0x9e3779b97f4a7c15U ^ hash(key.id);
}

}  // namespace wse::hub
