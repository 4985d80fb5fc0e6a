// SPDX-License-Identifier: MIT
// Hub: the one writer of order. Commands in, effects out; no sockets, no threads, no clock of its
// own.
//
// Every publish takes two steps. It is *submitted* to the sequencer of its topic, and it is
// *committed* when the sequencer has given it a place. The local sequencer does both at once; one
// that asks another machine commits later, and commits come in the order of their offsets. Only
// what is committed is delivered. Nothing here costs more than the number of interested loops.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "proto/message.h"

namespace wse::hub {

// Who holds subscribers: the connection loops, then the service loop.
using LoopIndex = uint32_t;

// Where the answer to a command goes; opaque to the hub.
struct Origin {
    LoopIndex loop = 0;
    uint64_t session = 0;
    uint64_t request = 0;
};

struct Publish {
    Origin origin;
    proto::Publication publication;
};

struct Subscribe {
    struct Topic {
        std::string name;
        bool again = false;  // the session has it already and only asks for its position
    };
    Origin origin;
    std::vector<Topic> topics;
};

struct Unsubscribe {
    LoopIndex loop = 0;
    std::vector<std::string> topics;
};

struct SubscribedTopic {
    std::string name;
    bool again;                        // as in the command; false and a position: one more counted
    Result<proto::Position> position;  // of the last message before the first live one
};

// What the hub does to the world. Called inside the command that causes it. Everything for one loop
// reaches it in the order of the calls: an answer to Subscribe, then what is published after it.
class Effects {
public:
    virtual ~Effects() = default;
    virtual void deliver(LoopIndex loop, const proto::MessageRef &message) = 0;
    virtual void subscribed(const Origin &origin, std::vector<SubscribedTopic> topics) = 0;
    virtual void published(const Origin &origin, Result<proto::Position> position) = 0;
    // True while a loop cannot take more: publishes are refused until it has caught up.
    virtual bool congested() const = 0;
};

using SubmitTicket = uint64_t;

// Gives messages their places. It answers each ticket with Hub::commit or Hub::refuse, inside
// submit or later on the hub's thread.
class Sequencer {
public:
    virtual ~Sequencer() = default;
    virtual void submit(SubmitTicket ticket, const proto::Publication &publication) = 0;
};

struct Limits {
    uint32_t loops = 1;           // loop indexes are below it
    uint64_t topics = 1'000'000;  // beyond it, the longest idle topic nobody subscribes goes
    uint64_t pending_submits = 100'000;
};

struct TopicRow {
    std::string topic;
    proto::Position head;
    std::vector<uint32_t> subscribers;  // by loop
};

class Hub {
public:
    // `seed` makes epochs: another one for each start of the process.
    Hub(const Clock &clock, const Limits &limits, Effects &effects, uint64_t seed);

    // Before the first publish. Null: places are given here, at once.
    void set_sequencer(Sequencer *sequencer) { sequencer_ = sequencer; }

    // Commands. Every Publish and Subscribe is answered by exactly one effect to its origin.
    void publish(Publish command);
    void subscribe(const Subscribe &command);
    // Each topic must have been answered with a position, not `again`, on that loop before.
    void unsubscribe(const Unsubscribe &command);

    // Answers of the sequencer. A ticket that is not pending is ignored.
    void commit(SubmitTicket ticket, proto::Position position);
    void refuse(SubmitTicket ticket, Error why);

    // Questions.
    size_t topic_count() const { return topics_.size(); }
    // Sorted by name; names that match the pattern, at most `limit` of them, and how many matched.
    std::vector<TopicRow> topics(std::string_view pattern, size_t limit, size_t &ret_total) const;
    const TopicRow *find(std::string_view topic) const;

private:
    struct Topic {
        TopicRow row;
        uint64_t subscriber_count = 0;
        std::list<std::string>::iterator idle;  // place in idle_ while nobody subscribes
    };

    Result<Topic *> open_topic(const std::string &name);
    void touch_idle(Topic &topic);
    bool drop_longest_idle();
    uint32_t next_epoch();
    void place(const Origin &origin, proto::Publication publication, Topic &topic,
               proto::Position position);

    const Clock &clock_;
    const Limits limits_;
    Effects &effects_;
    Sequencer *sequencer_ = nullptr;
    uint64_t epoch_state_;
    std::unordered_map<std::string, Topic> topics_;
    std::list<std::string> idle_;  // topics without subscribers, longest idle first
    SubmitTicket last_ticket_ = 0;
    std::unordered_map<SubmitTicket, Publish> pending_;
};

}  // namespace wse::hub
