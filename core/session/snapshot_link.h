// SPDX-License-Identifier: MIT
// The way from sessions to the modules that have the state behind topics, and what comes back.
#pragma once

#include <string>
#include <vector>

#include "base/ref.h"
#include "hub/commands.h"
#include "net/handler.h"
#include "proto/message.h"

namespace wse::session {

// `params` of a subscription, a JSON object. Immutable, shared by its topics.
struct SnapshotParams final : RefCounted<SnapshotParams> {
    explicit SnapshotParams(std::string json) : text(std::move(json)) {}
    const std::string text;
};
using SnapshotParamsRef = Ref<const SnapshotParams>;

inline constexpr size_t kMaxSnapshotParams = 4096;  // bytes

struct SnapshotAsk {
    hub::Origin origin;
    std::string instance;  // of a module of kind snapshot
    std::string topic;
    std::string user;
    SnapshotParamsRef params;  // or null
    // Where the topic stood when the session began to hold its messages back.
    proto::Position position;
    bool stamped = false;  // what comes after any position can be replayed
};

// One answer for all who have asked. Immutable, shared by all loops.
struct SnapshotAnswer final : RefCounted<SnapshotAnswer> {
    SnapshotAnswer(std::string about, wse_status result, proto::Position position,
                   net::FrameRef message)
        : topic(std::move(about)), status(result), at(position), frame(std::move(message)) {}
    const std::string topic;
    const wse_status status;    // WSE_ENOTFOUND: it has no state, which the frame says
    const proto::Position at;   // the state has everything up to there
    const net::FrameRef frame;  // the message for the client; null: there is none, for `status`
};
using SnapshotAnswerRef = Ref<const SnapshotAnswer>;

// An answer and those of one loop who wait for it.
struct SnapshotDelivery {
    SnapshotAnswerRef answer;
    std::vector<hub::Origin> waiters;
};

class SnapshotLink {
public:
    virtual ~SnapshotLink() = default;
    // [any] Answered exactly once through Context::on_snapshot, later, unless the server stops
    // before.
    virtual void ask(SnapshotAsk ask) = 0;
};

}  // namespace wse::session
