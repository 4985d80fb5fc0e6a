// SPDX-License-Identifier: MIT
// Journal: where the hub writes what must outlive the process, before anybody sees it. The seam
// between the hub and the history file (history_file.h); tests put a fake here. [hub]
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "proto/message.h"

namespace wse::hub {

// What a start finds of one topic: its newest incarnation. Messages are in order of their offsets.
struct StoredTopic {
    std::string name;
    proto::Position head;   // of the last message that was sent, also when it is not here any more
    uint64_t sequence = 0;  // of the newest record of the topic
    uint64_t mark = 0;      // for TopicState, when the topic keeps its epoch; else 0
    std::vector<proto::Record> messages;  // whatever is left, not always without holes
};

struct StoredHistory {
    uint32_t log_epoch = 0;  // of the sequence numbers; a new one when some may have been lost
    uint64_t sequence = 0;   // the highest that was given
    // Those whose records came last are last.
    std::vector<StoredTopic> topics;  // those that keep their epoch
    // Those whose last offsets may be missing: each needs a new epoch, and a note() of it.
    std::vector<StoredTopic> lost;
};

class Journal {
public:
    // What is still needed: asked while old segments are given up.
    class Holder {
    public:
        struct TopicState {
            proto::Position head;
            uint64_t sequence = 0;
            uint64_t mark = 0;  // of the last append() or note() about the topic
        };
        virtual ~Holder() = default;
        // Null: the topic is forgotten. Valid for the call.
        virtual TopicState *find(std::string_view topic) = 0;
        // Is that message still in a ring, or retained?
        virtual bool holds(std::string_view topic, proto::Position position) = 0;
    };

    virtual ~Journal() = default;

    // Before the first append; outlives the journal's use.
    virtual void set_holder(Holder *holder) = 0;
    // Writes the message; `head` is the topic's last position, at or after the message's. The mark
    // is 0 when it was not written: from then on nothing is, until try_again() succeeds. May ask
    // the holder, and change marks of topics there, but not that of this topic.
    virtual uint64_t append(const proto::Message &message, proto::Position head) = 0;
    // Remembers where the topic stands, without a message.
    virtual uint64_t note(std::string_view topic, proto::Position head, uint64_t sequence) = 0;

    virtual bool writing() const = 0;
    // While not writing(), now and then: is there room again? True: the hub writes again what it
    // holds of the topics whose mark is 0, and calls caught_up() when all of it was written. A
    // topic with a mark of 0 must not be forgotten before: the file knows it with an older head.
    virtual bool try_again() = 0;
    virtual void caught_up() = 0;
};

}  // namespace wse::hub
