// SPDX-License-Identifier: MIT
#include "session/fanout.h"

#include "base/assert.h"
#include "proto/server_messages.h"

namespace wse::session {

struct FanoutTopic {
    std::string name;
    std::vector<Subscription *> subscriptions;
};

Fanout::Fanout() = default;
Fanout::~Fanout() = default;

void Fanout::add(const std::string &topic, Subscription &subscription) {
    WSE_ASSERT(!subscription.topic, "a subscription is added twice");
    auto &entry = topics_[topic];
    if (!entry) entry = std::make_unique<FanoutTopic>(FanoutTopic{topic, {}});
    subscription.topic = entry.get();
    subscription.place = entry->subscriptions.size();
    entry->subscriptions.push_back(&subscription);
}

void Fanout::remove(Subscription &subscription) {
    if (!subscription.topic) return;
    FanoutTopic *topic = std::exchange(subscription.topic, nullptr);
    Subscription *last = topic->subscriptions.back();
    topic->subscriptions[subscription.place] = last;
    last->place = subscription.place;
    topic->subscriptions.pop_back();
    if (topic->subscriptions.empty()) topics_.erase(std::string(topic->name));
}

void Fanout::deliver(const proto::MessageRef &message) {
    const auto found = topics_.find(message->publication.topic);
    if (found == topics_.end()) return;
    const net::FrameRef frame = net::Frame::text(proto::event(*message));
    for (Subscription *subscription : found->second->subscriptions) {
        if (!subscription->subscriber->deliver(frame))
            overflowed_.push_back(subscription->subscriber);
    }
    // Closing a connection changes the list that has just been walked.
    for (Subscriber *subscriber : std::exchange(overflowed_, {})) subscriber->on_overflow();
}

}  // namespace wse::session
