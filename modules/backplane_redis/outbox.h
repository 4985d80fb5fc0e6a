// SPDX-License-Identifier: MIT
// Outbox: messages of this host on their way to a shard, in the order in which they came.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <wse/module.h>

#include "entry.h"

namespace wse::backplane_redis {

struct Submission {
    wse_submit_token *token = nullptr;  // null: nobody waits any more
    Message message;
    bool id_given = false;
    uint64_t history_messages = 0;
    uint64_t history_age_ms = 0;
    uint64_t queued_at_ms = 0;

    uint64_t bytes() const;
};

// What the outboxes of all shards may hold together.
struct Budget {
    uint64_t messages;
    uint64_t bytes;
    uint64_t used_messages = 0;
    uint64_t used_bytes = 0;
};

class Outbox {
public:
    static constexpr size_t kBatchMessages = 128;
    static constexpr uint64_t kBatchBytes = 512 * 1024;

    // `budget` outlives it.
    explicit Outbox(Budget &budget) : budget_(budget) {}

    // False, and nothing taken, when the budget is used up.
    bool push(Submission &&submission);
    bool empty() const { return queue_.empty(); }
    size_t size() const { return queue_.size(); }
    // The first ones, at most a batch, and at least one if there is any. They count until done().
    std::vector<Submission> take();
    void done(const std::vector<Submission> &batch);
    // Those that came at `until_ms` or before.
    std::vector<Submission> take_older(uint64_t until_ms);
    // True when it was there; it is gone then.
    bool remove(const wse_submit_token *token);

private:
    Submission pop();
    void release(const Submission &submission);

    Budget &budget_;
    std::deque<Submission> queue_;
};

}  // namespace wse::backplane_redis
