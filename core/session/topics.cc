// SPDX-License-Identifier: MIT
// A session's subscriptions: asked of the hub, active once it has answered, then acknowledged, so
// that a client sees its ack before the first live message (rule M7).
#include <algorithm>

#include "base/glob.h"
#include "base/utf8.h"
#include "session/session.h"

namespace wse::session {
namespace {

// Names in one ack, and 32 bytes for each: what the ack makes of them stays well below the largest
// frame (rule M15), whatever has to be escaped.
constexpr size_t kPartBytes = size_t{64} << 10;

// Takes from the front of `rest` what one ack can answer.
std::span<const std::string> take_part(std::span<const std::string> &rest) {
    size_t count = 0;
    for (size_t bytes = 0; count < rest.size() && bytes < kPartBytes; ++count)
        bytes += rest[count].size() + 32;
    const auto part = rest.first(count);
    rest = rest.subspan(count);
    return part;
}

}  // namespace

// A long list is acknowledged in several parts: clients take topic by topic what an ack says.
void Session::subscribe(std::span<const std::string> topics, bool recover,
                        std::vector<proto::FailedTopic> failed) {
    do {
        PendingSubscribe pending{
            .ack = {.action = "subscribe", .failed = std::exchange(failed, {})},
            .recover = recover};
        subscribe_part(take_part(topics), std::move(pending));
    } while (!topics.empty() && state_ == State::kOpen);
}

void Session::subscribe_part(std::span<const std::string> topics, PendingSubscribe pending) {
    const uint64_t request = ++last_request_;
    hub::Subscribe command{{context_.loop, serial_, request}, {}};
    for (const auto &topic : topics) {
        if (auto allowed = check_subscribe(topic); !allowed) {
            context_.counters.add(Counter::subscriptions_refused);
            const auto shown = utf8_prefix(topic, settings().limits.max_topic_length);
            pending.ack.failed.push_back({std::string(shown), allowed.error().text});
            continue;
        }
        const auto [found, is_new] = subscriptions_.try_emplace(topic);
        if (is_new) {
            found->second.subscriber = this;
        } else if (found->second.request == request) {
            continue;  // named twice in one request
        }
        found->second.request = request;
        command.topics.push_back({topic, found->second.topic != nullptr});
    }
    if (command.topics.empty()) return acknowledge(pending);
    last_asked_ = request;
    asked_topics_ += command.topics.size();
    pending_subscribes_.emplace(request, std::move(pending));
    context_.hub.subscribe(std::move(command));
}

// What costs little is checked first.
Result<void> Session::check_subscribe(const std::string &topic) {
    const auto &limits = settings().limits;
    if (is_pattern(topic)) return Error{WSE_EINVAL, "wildcard subscriptions are not supported"};
    if (auto valid = proto::check_topic(topic, limits.max_topic_length); !valid) return valid;
    if (subscriptions_.size() >= limits.max_subscriptions && !subscriptions_.contains(topic)) {
        return Error{WSE_ETOOBIG, "more than " + std::to_string(limits.max_subscriptions) +
                                      " subscriptions (limits.max_subscriptions)"};
    }
    if (asked_topics_ >= topic_rate_.capacity() || !topic_rate_.take(context_.timers.now_ms()))
        return Error{WSE_EAGAIN, "too many topics at once; try again in a moment"};
    if (!rights_->may(module::Action::kSubscribe, topic)) return Error{WSE_EDENIED, "not allowed"};
    return {};
}

std::vector<std::string> Session::on_subscribed(uint64_t request,
                                                const std::vector<hub::SubscribedTopic> &topics) {
    std::vector<std::string> unwanted;
    PendingSubscribe pending;
    auto node = pending_subscribes_.extract(request);
    if (!node.empty()) {
        pending = std::move(node.mapped());
        asked_topics_ -= topics.size();
    }
    for (const auto &[name, again, position] : topics) {
        const auto found = subscriptions_.find(name);
        const bool known = found != subscriptions_.end();
        if (!position) {
            // A later request for the same topic may still be answered otherwise.
            if (known && !found->second.topic && found->second.request == request)
                subscriptions_.erase(found);
            pending.ack.failed.push_back({name, position.error().text});
            continue;
        }
        // Asked for twice in one breath, it is active from the first answer on, so that nothing is
        // missed after its ack, and the second is one count too many.
        const bool active = known && found->second.topic != nullptr;
        if (!again && (active || !known)) unwanted.push_back(name);
        // Unsubscribed meanwhile: an ack that named it would make clients take it up again.
        if (!known) continue;
        if (!again && !active) activate(name, found->second);
        pending.ack.topics.push_back(name);
        if (pending.recover) pending.ack.not_recovered.push_back({name, *position});
    }
    if (!node.empty()) acknowledge(pending);
    return unwanted;
}

void Session::activate(const std::string &topic, Subscription &subscription) {
    context_.fanout.add(topic, subscription);
    context_.counters.add(Counter::subscriptions);
}

void Session::acknowledge(PendingSubscribe &pending) {
    send(proto::subscription_ack(pending.ack));
    if (!pending.sync_answer.empty()) send(pending.sync_answer);
}

void Session::unsubscribe(std::span<const std::string> topics) {
    do {
        unsubscribe_part(take_part(topics));
    } while (!topics.empty() && state_ == State::kOpen);
}

void Session::unsubscribe_part(std::span<const std::string> topics) {
    proto::SubscriptionAck ack{.action = "unsubscribe"};
    hub::Unsubscribe command{context_.loop, {}};
    for (const auto &topic : topics) {
        // Unsubscribing from what one does not have has worked, too.
        if (topic.size() <= settings().limits.max_topic_length) ack.topics.push_back(topic);
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
    send(proto::subscription_ack(ack));
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
    asked_topics_ = 0;
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
}

std::vector<std::string> Session::topics() const {
    std::vector<std::string> names;
    for (const auto &[name, subscription] : subscriptions_) {
        if (subscription.topic) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool Session::is_subscribed(const std::string &topic) const {
    const auto found = subscriptions_.find(topic);
    return found != subscriptions_.end() && found->second.topic;
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
