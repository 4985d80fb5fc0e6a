// SPDX-License-Identifier: MIT
// Batch: what is appended to a shard in one step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "outbox.h"

namespace wse::backplane_redis {

// Which data a shard has: that of a process of Redis, since the last time that some was lost.
struct Incarnation {
    std::string run_id;
    std::string generation;  // empty: not known
};

struct Batch {
    uint64_t number = 0;
    std::vector<Fact> facts = {};
    std::optional<uint64_t> canary = {};
    std::vector<Submission> messages = {};
    bool trims_by_age = false;  // the stream too; it need not be every batch
    bool was_sent = false;

    bool empty() const { return facts.empty() && !canary && messages.empty(); }
    uint64_t oldest_ms() const { return messages.empty() ? UINT64_MAX : messages[0].queued_at_ms; }
};

// The call of the append script.
std::vector<std::string> append_command(const Context &context, uint32_t shard,
                                        const Incarnation &incarnation, const Batch &batch);

struct Appended {
    EntryId last = {};               // none when nothing was appended
    std::vector<Place> places = {};  // of the messages
};
// Nothing when it is no reply to this batch.
std::optional<Appended> read_appended(std::string_view reply, const Batch &batch);

}  // namespace wse::backplane_redis
