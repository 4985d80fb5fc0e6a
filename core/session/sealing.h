// SPDX-License-Identifier: MIT
// What a session has once it has agreed on a key with its client. [loop]
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "loop/timer_wheel.h"
#include "session/signatures.h"

namespace wse::session {

struct Sealing {
    explicit Sealing(std::function<void()> on_quiet_end) : quiet(std::move(on_quiet_end)) {}

    Timer quiet;              // the moment in which nothing is sent
    bool takes_plain = true;  // the client may not have its key yet
    bool has_hello = false;   // it has answered the ping behind it
    uint64_t armed_ms = 0;    // monotonic
    uint64_t rekeyed_ms = 0;
    ReplayWindow seen;
};

}  // namespace wse::session
