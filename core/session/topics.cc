// SPDX-License-Identifier: MIT
// A session's subscriptions: asked of the hub, active once it has answered, then acknowledged, so
// that a client sees its ack before the first live message (rule M7).
#include "base/glob.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxPendingSubscribes = 64;

}  // namespace

void Session::subscribe(const std::vector<std::string> &topics, bool recover) {
    const uint64_t request = ++last_request_;
    PendingSubscribe pending{.ack = {.action = "subscribe"}, .recover = recover};
    hub::Subscribe command{{context_.loop, serial_, request}, {}};
    for (const auto &topic : topics) {
        Result<void> allowed = check_subscribe(topic);
        if (allowed && pending_subscribes_.size() >= kMaxPendingSubscribes)
            allowed = Error{WSE_EAGAIN, "too many subscribes are under way; try again in a moment"};
        if (!allowed) {
            context_.counters.add(Counter::subscriptions_refused);
            pending.ack.failed.push_back({topic, allowed.error().text});
            continue;
        }
        const auto [found, is_new] = subscriptions_.try_emplace(topic);
        if (is_new) {
            found->second.subscriber = this;
        } else if (found->second.request == request) {
            continue;  // named twice in one request
        }
        if (!found->second.topic) found->second.request = request;
        command.topics.push_back({topic, found->second.topic != nullptr});
    }
    if (command.topics.empty()) return acknowledge(pending);
    pending_subscribes_.emplace(request, std::move(pending));
    context_.hub.subscribe(std::move(command));
}

Result<void> Session::check_subscribe(const std::string &topic) const {
    const auto &limits = settings().limits;
    if (is_pattern(topic)) return Error{WSE_EINVAL, "wildcard subscriptions are not supported"};
    if (auto valid = proto::check_topic(topic, limits.max_topic_length); !valid) return valid;
    if (!rights_->may(module::Action::kSubscribe, topic)) return Error{WSE_EDENIED, "not allowed"};
    if (subscriptions_.size() >= limits.max_subscriptions && !subscriptions_.contains(topic)) {
        return Error{WSE_ETOOBIG, "more than " + std::to_string(limits.max_subscriptions) +
                                      " subscriptions (limits.max_subscriptions)"};
    }
    return {};
}

std::vector<std::string> Session::on_subscribed(uint64_t request,
                                                const std::vector<hub::SubscribedTopic> &topics) {
    std::vector<std::string> unwanted;
    auto node = pending_subscribes_.extract(request);
    for (const auto &[name, again, position] : topics) {
        const auto found = subscriptions_.find(name);
        // Between the question and its answer the session may have closed or unsubscribed.
        const bool wanted = found != subscriptions_.end() && found->second.request == request;
        if (!position) {
            if (wanted && !again) subscriptions_.erase(found);
            if (!node.empty()) node.mapped().ack.failed.push_back({name, position.error().text});
            continue;
        }
        if (!again && !wanted) {
            unwanted.push_back(name);
        } else if (!again) {
            context_.fanout.add(name, found->second);
            context_.counters.add(Counter::subscriptions);
        }
        if (node.empty()) continue;
        node.mapped().ack.topics.push_back(name);
        if (node.mapped().recover) node.mapped().ack.not_recovered.push_back({name, *position});
    }
    if (!node.empty()) acknowledge(node.mapped());
    return unwanted;
}

void Session::acknowledge(PendingSubscribe &pending) {
    send(proto::subscription_ack(pending.ack));
}

void Session::unsubscribe(const std::vector<std::string> &topics) {
    hub::Unsubscribe command{context_.loop, {}};
    for (const auto &topic : topics) {
        const auto found = subscriptions_.find(topic);
        if (found == subscriptions_.end()) continue;
        // One that is still pending is undone when the hub answers.
        if (found->second.topic) {
            context_.fanout.remove(found->second);
            command.topics.push_back(topic);
        }
        subscriptions_.erase(found);
    }
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
    // Unsubscribing from what one does not have has worked, too.
    send(proto::subscription_ack({.action = "unsubscribe", .topics = topics}));
}

void Session::leave_all() {
    hub::Unsubscribe command{context_.loop, {}};
    for (auto &[topic, subscription] : subscriptions_) {
        if (!subscription.topic) continue;
        context_.fanout.remove(subscription);
        command.topics.push_back(topic);
    }
    subscriptions_.clear();
    pending_subscribes_.clear();
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
}

void Context::on_subscribed(const hub::Origin &origin,
                            const std::vector<hub::SubscribedTopic> &topics) {
    hub::Unsubscribe undo{loop, {}};
    if (const auto found = sessions.find(origin.session); found != sessions.end()) {
        undo.topics = found->second->on_subscribed(origin.request, topics);
    } else {
        for (const auto &topic : topics) {
            if (topic.position && !topic.again) undo.topics.push_back(topic.name);
        }
    }
    if (!undo.topics.empty()) hub.unsubscribe(std::move(undo));
}

void Context::on_published(const hub::Origin &origin, const Result<proto::Position> &position) {
    if (const auto found = sessions.find(origin.session); found != sessions.end())
        found->second->on_published(origin.request, position);
}

}  // namespace wse::session
