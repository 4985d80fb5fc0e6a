// SPDX-License-Identifier: MIT
// The last messages of a topic as one JSON text.
#pragma once

#include <cstdint>

#include <wse/module.h>

#include "snapshot/state.h"

namespace wse::snapshot_history {

// {"events":[{"t","id","ts","pri","p","o",...},...]}, oldest first, with the members that a client
// knows from the messages themselves: `pri` only where it is not 5, `o` only where the message has
// an offset, and what a message's `extra` has. The oldest are left out when all together are over
// `limit` bytes; no data: the last one alone is. The place is that of the last message, unless it
// has none.
snapshot::State state_of(const wse_message *messages, uint64_t count, uint64_t limit);

}  // namespace wse::snapshot_history
