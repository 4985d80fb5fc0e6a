// SPDX-License-Identifier: MIT
// Topic → the sessions of one loop that receive it, by name or by pattern. A message is encoded
// once and its frame shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/pattern_index.h"
#include "net/handler.h"
#include "proto/message.h"

namespace wse::session {

struct Subscription;

// Who takes frames; a session, or what a test puts in its place.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    // False: it cannot go on, and on_overflow follows once the delivery to the others is done.
    // `by_pattern`: whether it may have the topic has not been asked yet.
    virtual bool deliver(const proto::MessageRef &message, const net::FrameRef &frame,
                         bool by_pattern) = 0;
    virtual void on_overflow() = 0;

    uint64_t last_delivery = 0;  // of Fanout: who has had this one
};

struct FanoutTopic;

// One subscriber of one topic or pattern. Owned by the subscriber, which removes it before
// destroying it.
struct Subscription {
    Subscriber *subscriber = nullptr;
    FanoutTopic *topic = nullptr;  // null: not in a Fanout
    size_t place = 0;
    uint64_t request = 0;    // the owner's: which request asked for it
    bool active = false;     // the owner's: the hub has counted it
    std::string group = {};  // the owner's: a member of a queue group, who is in no Fanout
};

// [loop]
class Fanout {
public:
    Fanout();
    ~Fanout();
    // `name` is of a topic, or a pattern.
    void add(const std::string &name, Subscription &subscription);
    void remove(Subscription &subscription);
    // To each subscriber once, however many of its subscriptions take the topic.
    void deliver(const proto::MessageRef &message);
    // Something of the server's own about the topic, which is in no history.
    void notify(const std::string &topic, std::string_view text);
    size_t topic_count() const { return topics_.size() + patterns_.size(); }

private:
    using Entry = std::unique_ptr<FanoutTopic>;

    void spread(const proto::MessageRef &message, const net::FrameRef &frame);

    std::unordered_map<std::string, Entry> topics_;
    PatternIndex<Entry> patterns_;
    uint64_t delivery_ = 0;
    std::vector<Subscriber *> overflowed_;
};

}  // namespace wse::session
