// SPDX-License-Identifier: MIT
// What the hub shows to people.
#include <algorithm>

#include "hub/hub.h"

namespace wse::hub {
namespace {

TopicRow row_of(const Topic &topic) {
    TopicRow row{.topic = topic.name,
                 .head = topic.at.head,
                 .subscribers = topic.subscribers,
                 .history_messages = topic.ring.size(),
                 .history_bytes = Store::bytes_of(topic),
                 .retained = topic.retention.size(),
                 .stamped = topic.policy->stamped()};
    for (const auto &[name, group] : topic.groups) row.group_members += group.size();
    return row;
}

std::vector<proto::MessageRef> in_front_of(const Ring &ring, uint64_t offset, size_t limit,
                                           size_t max_bytes) {
    const uint64_t first = ring.first_offset();
    const uint64_t end = std::min(offset, ring.last_offset() + 1);
    if (end <= first) return {};
    const uint64_t start = end - first > limit ? end - limit : first;
    auto messages = ring.after(start - 1, end - start, SIZE_MAX);
    std::reverse(messages.begin(), messages.end());
    size_t bytes = 0, count = 0;
    for (const auto &message : messages) {
        bytes += message->publication.bytes();
        if (bytes > max_bytes && count > 0) break;
        ++count;
    }
    messages.resize(count);
    return messages;
}

}  // namespace

std::optional<TopicRow> Hub::row(std::string_view topic) const {
    const Topic *found = topics_.find(topic);
    return found ? std::optional(row_of(*found)) : std::nullopt;
}

std::vector<proto::MessageRef> Hub::latest(const std::string &topic, uint64_t count) const {
    const Topic *found = topics_.find(topic);
    if (!found || found->ring.empty()) return {};
    const uint64_t wanted = std::min<uint64_t>(count, found->ring.size());
    return found->ring.after(found->ring.last_offset() - wanted, wanted, SIZE_MAX);
}

std::optional<HistoryPage> Hub::history(const std::string &topic, uint64_t offset, size_t limit,
                                        size_t max_bytes, bool reverse) const {
    const Topic *found = topics_.find(topic);
    if (!found) return std::nullopt;
    const Ring &ring = found->ring;
    HistoryPage page{.head = found->at.head, .first = ring.first_offset(), .messages = {}};
    if (ring.empty()) return page;
    page.messages = reverse ? in_front_of(ring, offset, limit, max_bytes)
                            : ring.after(offset, limit, max_bytes);
    if (page.messages.empty()) return page;
    const uint64_t last = page.messages.back()->position.offset;
    page.more = reverse ? last > ring.first_offset() : last < ring.last_offset();
    return page;
}

std::vector<TopicRow> Hub::topics(std::string_view pattern, size_t limit, size_t &ret_total) const {
    std::vector<TopicRow> rows;
    ret_total = 0;
    topics_.match(pattern, [&](const Topic &topic) {
        if (++ret_total <= limit) rows.push_back(row_of(topic));
    });
    return rows;
}

}  // namespace wse::hub
