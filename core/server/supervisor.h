// SPDX-License-Identifier: MIT
// The supervisor: a process that does next to nothing, so that it does not fail. It holds the
// listening sockets, starts the server process, passes signals on and starts it anew when it dies.
// It loads no module and has no thread.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace wse::server {

// How soon a server process is started again: at once, but when kBurst of them have died within
// kWindowMs, after a delay that doubles up to kMaxDelayMs.
class RestartPace {
public:
    static constexpr int kBurst = 5;
    static constexpr uint64_t kWindowMs = 10'000;
    static constexpr uint64_t kMinDelayMs = 1'000;
    static constexpr uint64_t kMaxDelayMs = 30'000;

    // Another one has died; how long to wait.
    uint64_t delay_after_death(uint64_t now_ms);

private:
    uint64_t window_start_ms_ = 0;
    int deaths_ = 0;
    uint64_t delay_ms_ = 0;
};

// Ignores the signals that only tell of a write that has failed.
void ignore_write_signals();
// Blocks those that await_signal() and supervise() wait for; before any thread starts.
void block_signals();
// The next of them.
int await_signal();

// Runs `serve` in a child process until it ends by its own will or by a signal of ours; returns the
// exit status of the last child. `serve` returns the exit status of the child.
int supervise(const Clock &clock, const std::function<int()> &serve);

// [child] From now on the death of the supervisor is a SIGTERM here. After privileges are dropped,
// which would undo it.
void follow_supervisor();

}  // namespace wse::server
