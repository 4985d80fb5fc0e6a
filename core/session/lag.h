// SPDX-License-Identifier: MIT
// Lag: what there is of a client that does not keep up, or is being caught up with what it missed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_set>

#include "proto/message.h"
#include "session/backlog.h"

namespace wse::session {

struct Lag {
    explicit Lag(size_t limit_bytes) : backlog(limit_bytes) {}

    Backlog backlog;
    // Topics that are not sent live: what comes after the position is replayed when there is room.
    std::map<std::string, proto::Position, std::less<>> behind;
    std::string turn;    // of those, the last one that the hub was asked about
    bool asked = false;  // … and has not answered yet
    std::unordered_set<std::string> full_groups;  // topics whose shares were given back
    DropCounts dropped;
    uint64_t trimmed_ms = 0;  // when it was last looked for what has waited too long
};

}  // namespace wse::session
