// SPDX-License-Identifier: MIT
// What the hub shows to people.
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

std::vector<TopicRow> Hub::topics(std::string_view pattern, size_t limit, size_t &ret_total) const {
    std::vector<TopicRow> rows;
    ret_total = 0;
    topics_.match(pattern, [&](const Topic &topic) {
        if (++ret_total <= limit) rows.push_back(row_of(topic));
    });
    return rows;
}

}  // namespace wse::hub
