// SPDX-License-Identifier: MIT
// What the configuration says about a topic, as far as the hub is concerned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "hub/ring.h"
#include "proto/message.h"

namespace wse::hub {

enum class Retain : uint8_t { kNone, kLast, kLastByKey };

struct TopicPolicy {
    Ring::Limits history = {.messages = 0, .age_ms = 0, .bytes = 0};  // messages 0: no history
    bool presence = false;
    proto::Slow slow = proto::Slow::kDisconnect;
    Retain retain = Retain::kNone;
    std::string key = {};    // member of the payload that tells messages apart
    bool clustered = false;  // shared with other hosts, when there are any

    bool has_history() const { return history.messages > 0; }
    bool keeps() const { return has_history() || retain != Retain::kNone; }
    // How many of its last messages it can keep; those retained by key may be older than others.
    uint64_t most_kept() const {
        if (retain == Retain::kLastByKey) return UINT64_MAX;
        return std::max<uint64_t>(history.messages, retain == Retain::kLast ? 1 : 0);
    }
    // Its messages carry their position: what was missed can be replayed, and nobody is left out.
    bool stamped() const {
        return has_history() && (slow == proto::Slow::kPause || slow == proto::Slow::kDisconnect);
    }
    bool lossy() const { return slow != proto::Slow::kPause && slow != proto::Slow::kDisconnect; }
};

// The policy of a concrete topic; what it returns lives as long as the hub.
using PolicyOf = std::function<const TopicPolicy &(std::string_view topic)>;

}  // namespace wse::hub
