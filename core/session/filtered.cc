// SPDX-License-Identifier: MIT
// A session's subscriptions with a filter. They bring a part of their topics, so there are no
// stamps, whose gaps a client would take for losses, and nothing to recover.
#include <algorithm>
#include <unordered_set>

#include "base/glob.h"
#include "session/session.h"

namespace wse::session {
namespace {

// Different ones; a session that had all of the loop's would leave none to others.
constexpr size_t kMaxFiltersOfSession = 32;
constexpr uint64_t kFilterCost = 16;  // as many topics it counts for, to be compiled

}  // namespace

// The filter of the request, or null when it has none.
Result<FilterRef> Session::find_filter(const proto::SubscriptionRequest &request) {
    if (request.filter.empty()) return FilterRef();
    if (!generation_->filters)
        return Error{WSE_ENOTFOUND, "filter: no module of this server offers filters"};
    if (!request.queue_group.empty())
        return Error{WSE_EINVAL, "filter: a queue group takes every event of its topic"};
    if (!topic_rate_.take(context_.timers.now_ms(), kFilterCost))
        return Error{WSE_EAGAIN, "too many topics at once; try again in a moment"};
    auto filter = generation_->filters->find(request.filter);
    if (filter && filter_count(**filter) > kMaxFiltersOfSession) {
        return Error{WSE_ETOOBIG, "filter: more than " + std::to_string(kMaxFiltersOfSession) +
                                      " different ones in one session"};
    }
    return filter;
}

// With that one, and those that it waits for.
size_t Session::filter_count(const Filter &one_more) const {
    std::unordered_set<const Filter *> filters{&one_more};
    for (const auto &[name, subscription] : subscriptions_) {
        if (subscription.filter) filters.insert(subscription.filter.get());
    }
    for (const auto &[request, pending] : pending_subscribes_) {
        if (pending.filter) filters.insert(pending.filter.get());
    }
    return filters.size();
}

void Session::set_filter(const std::string &topic, Subscription &subscription,
                         const FilterRef &filter) {
    context_.fanout.remove(subscription);
    subscription.filter = filter;
    context_.fanout.add(topic, subscription);
}

void Session::describe_filtered(const hub::SubscribedTopic &topic, PendingSubscribe &pending) {
    pending.ack.topics.push_back(topic.name);
    pending.ack.lossy.push_back(topic.name);
    if (pending.recover) pending.ack.recovery.push_back({topic.name, *topic.position, false, 0});
}

void Session::start_filtered(const hub::SubscribedTopic &topic, const PendingSubscribe &pending) {
    // It may have brought everything before.
    if (lag_) forget_behind(topic.name);
    send_retained(topic, pending.filter.get());
    if (topic.roster) send_roster(*topic.roster);
    if (state_ == State::kOpen && !is_pattern(topic.name)) join(topic, pending.params);
}

// Of the subscription of that name; null: it has none.
const Filter *Session::filter_of(const std::string &topic) const {
    const auto found = subscriptions_.find(topic);
    return found == subscriptions_.end() ? nullptr : found->second.filter.get();
}

bool Session::passes_a_filter(const proto::Message &message) const {
    const std::string &topic = message.publication.topic;
    return std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto &entry) {
        const auto &[name, subscription] = entry;
        const bool concerned = subscription.active && subscription.filter &&
                               (name == topic || (is_pattern(name) && glob_match(name, topic)));
        if (!concerned) return false;
        const bool passes = subscription.filter->takes(message);
        subscription.filter->table().close();
        return passes;
    });
}

std::vector<proto::MessageRef> Session::take(const Filter &filter,
                                             const std::vector<proto::MessageRef> &messages) {
    std::vector<proto::MessageRef> taken;
    std::copy_if(messages.begin(), messages.end(), std::back_inserter(taken),
                 [&](const proto::MessageRef &message) { return filter.takes(*message); });
    filter.table().close();
    return taken;
}

}  // namespace wse::session
