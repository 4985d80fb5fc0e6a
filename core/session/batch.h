// SPDX-License-Identifier: MIT
// Batch: messages without stamps that are gathered for a client that wants them so, to leave as
// one. A stamped message is never among them, because clients do not move their positions for what
// they unpack (rule M9).
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "loop/timer_wheel.h"
#include "session/backlog.h"

namespace wse::session {

// As the client has set it.
struct Batching {
    bool enabled = false;
    uint32_t size = 10;
    uint32_t timeout_ms = 100;
};

// [loop]
struct Batch {
    explicit Batch(std::function<void()> on_time) : timer(std::move(on_time)) {}

    std::vector<Waiting> messages;  // each with its message and its frame
    size_t bytes = 0;
    Timer timer;
};

}  // namespace wse::session
