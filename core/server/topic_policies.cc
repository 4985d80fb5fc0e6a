// SPDX-License-Identifier: MIT
#include "server/topic_policies.h"

#include <algorithm>

#include "config/settings_row.h"

namespace wse::server {
namespace {

proto::Slow slow_of(const config::TopicRow &row) {
    switch (row.slow) {
        case config::Slow::kAuto:
            return row.history ? proto::Slow::kPause : proto::Slow::kDisconnect;
        case config::Slow::kPause:
            return proto::Slow::kPause;
        case config::Slow::kDisconnect:
            return proto::Slow::kDisconnect;
        case config::Slow::kDropOldest:
            return proto::Slow::kDropOldest;
        case config::Slow::kDropLowest:
            return proto::Slow::kDropLowest;
        case config::Slow::kConflate:
            return proto::Slow::kConflate;
    }
    return proto::Slow::kDisconnect;
}

hub::Retain retain_of(const config::TopicRow &row) {
    if (row.retain == config::Retain::kLast) return hub::Retain::kLast;
    return row.retain == config::Retain::kLastByKey ? hub::Retain::kLastByKey : hub::Retain::kNone;
}

hub::TopicPolicy policy_of(const config::TopicRow &row) {
    hub::TopicPolicy policy{
        .presence = row.presence, .slow = slow_of(row), .retain = retain_of(row), .key = row.key};
    if (row.history) {
        policy.history = {.messages = row.history->messages,
                          .age_ms = row.history->age_ms,
                          .bytes = row.history->bytes};
    }
    return policy;
}

}  // namespace

TopicPolicies::TopicPolicies(const std::vector<config::TopicRow> &rows) : rows_(rows) {
    for (const auto &row : rows) policies_.push_back(policy_of(row));
}

void TopicPolicies::join_cluster() {
    for (size_t i = 0; i < rows_.size(); ++i)
        policies_[i].clustered = rows_[i].scope == config::Scope::kCluster;
    none_.clustered = true;
}

const hub::TopicPolicy &TopicPolicies::of(std::string_view topic) const {
    const config::TopicRow *const row = config::settings_row(rows_, topic);
    return row ? policies_[static_cast<size_t>(row - rows_.data())] : none_;
}

bool TopicPolicies::keeps_anything() const {
    return std::any_of(policies_.begin(), policies_.end(),
                       [](const auto &policy) { return policy.keeps(); });
}

}  // namespace wse::server
