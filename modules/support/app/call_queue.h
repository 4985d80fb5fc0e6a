// SPDX-License-Identifier: MIT
// CallQueue: the calls of one application in their order; those that the server cannot take for the
// moment wait.
#pragma once

#include <uv.h>

#include <deque>
#include <functional>

#include <wse/module.h>

#include "abi/timer.h"
#include "app/call.h"

namespace wse::app {

// One loop, from which everything is called.
class CallQueue {
public:
    // `drained`: called whenever nothing waits any more of what had to; may be null, and must not
    // destroy the queue.
    CallQueue(const wse_host *host, wse_loop *loop, std::function<void()> drained);
    CallQueue(const CallQueue &) = delete;
    CallQueue &operator=(const CallQueue &) = delete;

    // Issues it, or keeps it. Whoever fills the queue looks at waiting(), which is its bound.
    void push(Call call);
    size_t waiting() const { return waiting_.size(); }
    // What waits is dropped, and what comes. `closed` is called when the loop has no handle of
    // ours, not in this call. A queue that is destroyed on its loop need not be closed before.
    void close(std::function<void()> closed);

private:
    void issue();

    const wse_host *const host_;
    wse_loop *const loop_;
    const std::function<void()> drained_;
    std::deque<Call> waiting_;
    bool closing_ = false;
    abi::Timer timer_;
};

}  // namespace wse::app
