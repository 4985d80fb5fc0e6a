// SPDX-License-Identifier: MIT
// Timer: a libuv timer for parts of a module, which may go at any time, also in the middle of their
// construction: the handle lives until the loop has closed it.
#pragma once

#include <uv.h>

#include <functional>
#include <utility>

#include "abi/module_class.h"

namespace wse::abi {

// One loop, from which everything is called.
class Timer {
public:
    // `fire` may destroy the timer. When memory was short in it, it is called again a moment later.
    Timer(uv_loop_t *loop, std::function<void()> fire) : state_(new State) {
        state_->fire = std::move(fire);
        uv_timer_init(loop, &state_->handle);
        state_->handle.data = state_;
    }
    // Closes it, unless close() has.
    ~Timer() {
        if (state_) close(nullptr);
    }
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    // From now on, whatever was set before; nothing after close().
    void start(uint64_t ms) {
        if (state_) uv_timer_start(&state_->handle, &State::on_time, ms, 0);
    }
    void stop() {
        if (state_) uv_timer_stop(&state_->handle);
    }
    bool is_set() const {
        return state_ && uv_is_active(reinterpret_cast<const uv_handle_t *>(&state_->handle));
    }
    // Once. It does not fire any more; `closed` is called when the loop has no handle of it, not in
    // this call, and may destroy whatever had the timer.
    void close(std::function<void()> closed) {
        state_->fire = nullptr;
        state_->closed = std::move(closed);
        uv_close(reinterpret_cast<uv_handle_t *>(&std::exchange(state_, nullptr)->handle),
                 &State::on_closed);
    }

private:
    static constexpr uint64_t kShortOfMemoryMs = 50;

    struct State {
        uv_timer_t handle{};
        std::function<void()> fire;
        std::function<void()> closed;

        static void on_time(uv_timer_t *handle) noexcept {
            // What fires may close the timer, which takes `fire` away while it runs.
            const auto status = guarded([handle] {
                const std::function<void()> run = static_cast<State *>(handle->data)->fire;
                run();
                return WSE_OK;
            });
            const bool is_closed = uv_is_closing(reinterpret_cast<uv_handle_t *>(handle));
            if (status != WSE_OK && !is_closed)
                uv_timer_start(handle, &State::on_time, kShortOfMemoryMs, 0);
        }
        static void on_closed(uv_handle_t *handle) noexcept {
            auto *state = static_cast<State *>(handle->data);
            const std::function<void()> closed = std::move(state->closed);
            delete state;
            if (closed) closed();
        }
    };

    State *state_;  // null once closed; owns itself from then on
};

}  // namespace wse::abi
