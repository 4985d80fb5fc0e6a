// SPDX-License-Identifier: MIT
#include "later.h"

#include <utility>

namespace wse::backplane_redis::parts {

Later::Later(uv_loop_t *loop) : timer_(loop, [this] { run_all(); }) {}

void Later::run(std::function<void()> step) {
    if (is_closed_) return;
    steps_.push_back(std::move(step));
    timer_.start(0);
}

void Later::run_all() {
    // A step may ask for another one, whose turn is the next, or close. One for which memory was
    // short runs again.
    for (size_t count = steps_.size(); count > 0 && !is_closed_; --count) {
        const std::function<void()> step = steps_.front();
        step();
        if (!is_closed_) steps_.pop_front();
    }
}

void Later::close(std::function<void()> closed) {
    steps_.clear();
    is_closed_ = true;
    timer_.close(std::move(closed));
}

}  // namespace wse::backplane_redis::parts
