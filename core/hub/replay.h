// SPDX-License-Identifier: MIT
// What a subscriber gets of a topic's history, a part at a time.
#pragma once

#include <cstddef>

#include "hub/commands.h"
#include "hub/topic.h"

namespace wse::hub {

// How much one answer may carry; the rest is asked for when the client has taken this. A client
// that recovers much so costs no more memory than one that does not read.
struct ReplayBudget {
    size_t messages = 1000;
    size_t bytes = size_t{256} << 10;
};

// Everything after `from`, as far as the budget goes, which it uses up. What does not fit is
// `more`.
Replayed replay_after(const Topic &topic, proto::Position from, ReplayBudget &budget);

// Everything with a higher sequence number, likewise. Not `recovered`: some of it is gone, and what
// is left is there.
Replayed replay_since(const Topic &topic, uint64_t sequence, ReplayBudget &budget);

Retained retained_of(const Topic &topic);

}  // namespace wse::hub
