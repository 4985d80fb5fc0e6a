// SPDX-License-Identifier: MIT
// Topic → the sessions of one loop that receive it. A message is encoded once and its frame shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/handler.h"
#include "proto/message.h"

namespace wse::session {

// Who takes frames; a session, or what a test puts in its place.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    // False: it cannot take it, and on_overflow follows once the delivery to the others is done.
    virtual bool deliver(const net::FrameRef &frame) = 0;
    virtual void on_overflow() = 0;
};

struct FanoutTopic;

// One subscriber of one topic. Owned by the subscriber, which removes it before destroying it.
struct Subscription {
    Subscriber *subscriber = nullptr;
    FanoutTopic *topic = nullptr;  // null: not in a Fanout (yet)
    size_t place = 0;
    uint64_t request = 0;  // the owner's: which request asked for it
};

// [loop]
class Fanout {
public:
    Fanout();
    ~Fanout();
    void add(const std::string &topic, Subscription &subscription);
    void remove(Subscription &subscription);
    void deliver(const proto::MessageRef &message);
    size_t topic_count() const { return topics_.size(); }

private:
    std::unordered_map<std::string, std::unique_ptr<FanoutTopic>> topics_;
    std::vector<Subscriber *> overflowed_;
};

}  // namespace wse::session
