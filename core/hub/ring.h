// SPDX-License-Identifier: MIT
// Ring: the history of one topic, its last messages without a hole. Used by one thread; has no
// clock of its own. Holds no memory while it is empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "proto/message.h"

namespace wse::hub {

// What one message occupies on the heap, with the allocator's rounding.
size_t footprint(const proto::Message &message);

class Ring {
public:
    static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

    // What is over a limit leaves, oldest first.
    struct Limits {
        uint64_t messages = 0;
        uint64_t age_ms = 0;  // 0: no limit
        uint64_t bytes = 0;   // of memory_bytes()
    };

    explicit Ring(const Limits &limits) : limits_(limits) {}
    Ring(const Ring &) = delete;
    Ring &operator=(const Ring &) = delete;

    // Its age counts from `at_ms` (monotonic), and is only looked at by expire(). A message that is
    // not the next after head() clears the ring first: what the hole held counts as evicted. One
    // that is over a limit all by itself leaves at once, but head() is its position then.
    void push(proto::MessageRef message, uint64_t at_ms);
    // Drops what has reached the age limit.
    void expire(uint64_t now_ms);
    // When expire() has something to do next; kNever: not before the next push.
    uint64_t next_expiry() const;
    // The ring must not be empty.
    void pop_front();
    // Drops everything; head() stays.
    void clear();
    // Drops everything and goes on after `head`. Nothing up to `sequence` is here from now on, and
    // nothing above it has been.
    void restart(proto::Position head, uint64_t sequence);

    size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    // Of the message that was pushed last, also when it is not here any more.
    proto::Position head() const { return head_; }
    uint64_t last_offset() const { return head_.offset; }
    // Of the oldest message here; of the next one when there is none.
    uint64_t first_offset() const { return head_.offset - count_ + 1; }

    // Is every message after `position` up to head() here?
    bool covers(proto::Position position) const;
    // Null: not here. Valid until the ring changes.
    const proto::Message *find(proto::Position position) const;
    // What comes after `offset`, oldest first, within both limits but at least one message when
    // there is one. Bytes are those of payloads.
    std::vector<proto::MessageRef> after(uint64_t offset, size_t max_messages,
                                         size_t max_bytes) const;

    // Heap memory of the messages and of the ring's own buffer.
    size_t memory_bytes() const;
    // No message of the topic above this sequence has left the ring; 0: none has left it.
    uint64_t evicted_sequence() const { return evicted_sequence_; }

private:
    struct Entry {
        proto::MessageRef message;
        uint64_t at_ms = 0;
    };

    size_t slot(size_t index) const { return (first_ + index) & (slots_.size() - 1); }
    void resize(size_t capacity);
    void drop_front();
    void shrink();

    const Limits limits_;
    std::vector<Entry> slots_;  // circular; the size is a power of two, or 0
    size_t first_ = 0;          // slot of the oldest entry
    size_t count_ = 0;
    size_t message_bytes_ = 0;
    proto::Position head_;
    uint64_t evicted_sequence_ = 0;
};

}  // namespace wse::hub
