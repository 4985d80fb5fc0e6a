// SPDX-License-Identifier: MIT
// Lag: what there is of a client that does not keep up, is being caught up with what it missed, or
// waits for the state of a topic.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "proto/message.h"
#include "session/backlog.h"
#include "session/snapshot_link.h"

namespace wse::session {

// A topic that is not sent until its state has come from a module.
struct Held {
    uint64_t request = 0;      // the latest question
    SnapshotAnswerRef answer;  // has come, and waits until the client has room
    bool stamped = false;
    proto::Position from = {};          // stamped: what comes after it is replayed
    std::deque<Waiting> messages = {};  // else they wait here, also those of a pattern, with stamps
    size_t bytes = 0;                   // of their frames
};

// A sync_request whose last word has to wait for the state of topics.
struct PendingSync {
    std::vector<std::string> topics;  // for the last word
    bool snapshots = true;
    bool all = false;  // it named no topics
    uint64_t count = 0;
    bool truncated = false;
    std::set<std::string, std::less<>> awaited = {};
};

struct Lag {
    explicit Lag(size_t limit_bytes) : backlog(limit_bytes) {}

    Backlog backlog;
    // Topics that are not sent live: what comes after the position is replayed when there is room.
    std::map<std::string, proto::Position, std::less<>> behind;
    std::string turn;    // of those, the last one that the hub was asked about
    bool asked = false;  // … and has not answered yet
    std::map<std::string, Held, std::less<>> held;  // by topic; none of them is in `behind`
    size_t state_bytes = 0;                         // of states that have come and wait for room
    size_t held_bytes = 0;                          // of the messages in there
    std::deque<std::string> arrived;                // topics in there with an answer
    std::vector<PendingSync> syncs;
    std::unordered_set<std::string> full_groups;  // topics whose shares were given back
    DropCounts dropped;
    uint64_t trimmed_ms = 0;  // when it was last looked for what has waited too long
};

}  // namespace wse::session
