// SPDX-License-Identifier: MIT
#include "session/fanout.h"

#include "base/assert.h"
#include "base/glob.h"
#include "proto/server_messages.h"

namespace wse::session {

namespace {

std::vector<Subscription *> &list_of(FanoutTopic &topic, const Subscription &subscription) {
    return subscription.filter ? topic.filtered : topic.subscriptions;
}

}  // namespace

Fanout::Fanout() = default;
Fanout::~Fanout() = default;

void Fanout::add(const std::string &name, Subscription &subscription) {
    WSE_ASSERT(!subscription.topic, "a subscription is added twice");
    auto &entry = is_pattern(name) ? patterns_[name] : topics_[name];
    if (!entry) entry = std::make_unique<FanoutTopic>(FanoutTopic{name});
    auto &list = list_of(*entry, subscription);
    subscription.topic = entry.get();
    subscription.place = list.size();
    list.push_back(&subscription);
}

void Fanout::remove(Subscription &subscription) {
    if (!subscription.topic) return;
    FanoutTopic *topic = std::exchange(subscription.topic, nullptr);
    auto &list = list_of(*topic, subscription);
    Subscription *last = list.back();
    list[subscription.place] = last;
    last->place = subscription.place;
    list.pop_back();
    if (!topic->subscriptions.empty() || !topic->filtered.empty()) return;
    const std::string name = topic->name;
    is_pattern(name) ? void(patterns_.erase(name)) : void(topics_.erase(name));
}

void Fanout::spread(const proto::MessageRef &message, const net::FrameRef &frame) {
    const std::string &topic = message->publication.topic;
    ++delivery_;
    // Those who name the topic first: they need no second look at their rights.
    if (const auto found = topics_.find(topic); found != topics_.end())
        give_all(*found->second, message, frame, false);
    if (!patterns_.empty())
        patterns_.match(topic, [&](const std::string &, const Entry &entry) {
            give_all(*entry, message, frame, true);
        });
}

void Fanout::give_all(const FanoutTopic &entry, const proto::MessageRef &message,
                      const net::FrameRef &frame, bool by_pattern) {
    for (Subscription *subscription : entry.subscriptions) {
        give(*subscription->subscriber, message, frame, by_pattern);
    }
    if (!entry.filtered.empty()) filtered_.push_back({&entry, by_pattern});
}

void Fanout::give(Subscriber &subscriber, const proto::MessageRef &message,
                  const net::FrameRef &frame, bool by_pattern) {
    if (std::exchange(subscriber.last_delivery, delivery_) == delivery_) return;
    if (!subscriber.deliver(message, frame, by_pattern)) overflowed_.push_back(&subscriber);
}

void Fanout::end_delivery() {
    filtered_.clear();
    // Closing a connection changes the lists that have just been walked.
    for (Subscriber *subscriber : std::exchange(overflowed_, {})) subscriber->on_overflow();
}

void Fanout::deliver(const proto::MessageRef &message) {
    const net::FrameRef frame = net::Frame::text(proto::event(*message));
    spread(message, frame);
    if (!filtered_.empty()) spread_filtered(message, frame);
    end_delivery();
}

// Sent like a message that may be dropped: who misses one can ask for the roster. `tells_place`: it
// concerns those alone who get the topic's stamped messages. What is about a pattern concerns those
// who have that one, whatever else takes its name.
void Fanout::notify(const std::string &topic, std::string_view text, bool tells_place) {
    proto::Record record;
    record.publication.topic = topic;
    const proto::Handling handling{.stamped = tells_place, .slow = proto::Slow::kDropOldest};
    const proto::MessageRef message(new proto::Message(std::move(record), handling));
    const net::FrameRef frame = net::Frame::text(text);
    if (is_pattern(topic)) {
        ++delivery_;
        if (const Entry *entry = patterns_.find(topic)) give_all(**entry, message, frame, false);
    } else {
        spread(message, frame);
    }
    spread_to_filtered(message, frame);
    end_delivery();
}

}  // namespace wse::session
