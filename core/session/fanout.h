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
#include "session/filter_table.h"
#include "session/snapshot_link.h"

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

// Those who take one topic or pattern.
struct FanoutTopic {
    std::string name;
    std::vector<Subscription *> subscriptions = {};
    std::vector<Subscription *> filtered = {};  // those with a filter
};

// One subscriber of one topic or pattern. Owned by the subscriber, which removes it before
// destroying it.
struct Subscription {
    Subscriber *subscriber = nullptr;
    FanoutTopic *topic = nullptr;  // null: not in a Fanout
    size_t place = 0;
    FilterRef filter = {};          // null: everything; changed while it is in no Fanout
    uint64_t request = 0;           // the owner's: which request asked for it
    bool active = false;            // the owner's: the hub has counted it
    std::string group = {};         // the owner's: a member of a queue group, who is in no Fanout
    SnapshotParamsRef params = {};  // the owner's: for the module that has the topic's state
    // The owner's: the next sync_request is answered by what the subscribe has brought, and whether
    // that was a state.
    bool is_fresh = false;
    bool has_state = false;
};

// [loop]
class Fanout {
public:
    Fanout();
    ~Fanout();
    // `name` is of a topic, or a pattern.
    void add(const std::string &name, Subscription &subscription);
    void remove(Subscription &subscription);
    // To each subscriber once, however many of its subscriptions take the topic. One that has a
    // filter gets what it takes without a stamp, as a message that may be dropped, unless another
    // subscription brings it everything.
    void deliver(const proto::MessageRef &message);
    // Something of the server's own about the topic, or pattern, which is in no history.
    void notify(const std::string &topic, std::string_view text, bool tells_place);
    size_t topic_count() const { return topics_.size() + patterns_.size(); }

private:
    using Entry = std::unique_ptr<FanoutTopic>;

    // Filtered subscriptions that take the topic, by name or by pattern.
    struct FilteredEntry {
        const FanoutTopic *entry;
        bool by_pattern;
    };

    void spread(const proto::MessageRef &message, const net::FrameRef &frame);
    void give_all(const FanoutTopic &entry, const proto::MessageRef &message,
                  const net::FrameRef &frame, bool by_pattern);
    void give(Subscriber &subscriber, const proto::MessageRef &message, const net::FrameRef &frame,
              bool by_pattern);
    void end_delivery();
    // filtered_fanout.cc
    void spread_filtered(const proto::MessageRef &message, const net::FrameRef &frame);
    void spread_to_filtered(const proto::MessageRef &message, const net::FrameRef &frame);

    std::unordered_map<std::string, Entry> topics_;
    PatternIndex<Entry> patterns_;
    uint64_t delivery_ = 0;
    std::vector<Subscriber *> overflowed_;
    std::vector<FilteredEntry> filtered_;  // of this delivery
};

}  // namespace wse::session
