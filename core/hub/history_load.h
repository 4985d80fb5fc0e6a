// SPDX-License-Identifier: MIT
// What the segments of a history file say after a start: which topics there are, where they stand,
// and which of them can be trusted to stand there.
//
// The newest record of a topic may have been in a damaged place. A topic keeps its epoch when
// something that is intact and came later shows where it stood: a record of its own, which has the
// topic's head at that time, whatever it is a record of.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "hub/journal.h"
#include "hub/segment.h"

namespace wse::hub {

struct Trust {
    bool is_complete = false;   // false: no segment can be trusted to have all that was delivered
    uint64_t from_segment = 0;  // as if there were damage just before this one
    uint64_t last_segment = 0;  // the newest there was: without it the end of the log is missing
};

// How many of a topic's last messages are taken up at the most.
using KeptOf = std::function<uint64_t(std::string_view topic)>;

// Reads every segment, in ascending order of their numbers, and tells each where it ends. Log_epoch
// is 0 when a new one is needed. Damage is logged, and never an error. [hub, or before it runs]
StoredHistory load_history(std::deque<Segment> &segments, const Trust &trust,
                           const KeptOf &keeps = nullptr);

}  // namespace wse::hub
