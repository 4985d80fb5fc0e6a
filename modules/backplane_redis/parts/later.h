// SPDX-License-Identifier: MIT
// Functions that run soon, in order, on a libuv loop, and not inside the call that asks for them.
#pragma once

#include <uv.h>

#include <deque>
#include <functional>

#include "abi/timer.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called.
class Later {
public:
    explicit Later(uv_loop_t *loop);
    // After `closed` of close().
    ~Later() = default;
    Later(const Later &) = delete;
    Later &operator=(const Later &) = delete;

    void run(std::function<void()> step);
    // Nothing runs any more. `closed` is called when the loop has no handle of ours, not in this
    // call; it may destroy this.
    void close(std::function<void()> closed);

private:
    void run_all();

    bool is_closed_ = false;
    abi::Timer timer_;
    std::deque<std::function<void()>> steps_;
};

}  // namespace wse::backplane_redis::parts
