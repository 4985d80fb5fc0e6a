// SPDX-License-Identifier: MIT
// Mailbox<T>: the one way from thread to thread. Any thread posts; the owning loop is woken once
// and takes everything that has gathered, by swapping two vectors. One of the few places with a
// lock, held for a push or a swap.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace wse {

template <class T>
class Mailbox {
public:
    // Called on the loop's thread with everything posted since the last call, in order; may post
    // again, may not destroy the mailbox.
    using Drain = std::function<void(std::vector<T> &)>;

    // [loop thread or before it starts] `loop` outlives the mailbox.
    Mailbox(uv_loop_t *loop, Drain drain) : drain_(std::move(drain)), wake_(new uv_async_t) {
        wake_->data = this;
        const int status = uv_async_init(loop, wake_, [](uv_async_t *handle) noexcept {
            static_cast<Mailbox *>(handle->data)->run();
        });
        WSE_ASSERT(status == 0, "uv_async_init failed");
    }

    // [loop thread, or after it has ended and before uv_loop_close] Nobody may post any more: every
    // post() has returned and none comes. What has not been taken is destroyed.
    ~Mailbox() {
        wake_->data = nullptr;
        uv_close(reinterpret_cast<uv_handle_t *>(wake_), [](uv_handle_t *handle) noexcept {
            delete reinterpret_cast<uv_async_t *>(handle);
        });
    }

    Mailbox(const Mailbox &) = delete;
    Mailbox &operator=(const Mailbox &) = delete;

    // [any] Has no bound of its own: what is posted is bounded where it comes from.
    void post(T item) {
        bool wake = false;
        {
            const std::lock_guard lock(mutex_);
            wake = incoming_.empty();
            incoming_.push_back(std::move(item));
        }
        if (wake) uv_async_send(wake_);
    }

private:
    static constexpr size_t kKeep = 1024;

    void run() {
        {
            const std::lock_guard lock(mutex_);
            working_.swap(incoming_);
        }
        if (working_.empty()) return;
        drain_(working_);
        // A burst's memory goes back with the first batch that is small again.
        const bool oversized =
            working_.capacity() > kKeep && working_.size() < working_.capacity() / 4;
        working_.clear();
        if (oversized) working_.shrink_to_fit();
    }

    Drain drain_;
    uv_async_t *wake_;
    std::mutex mutex_;
    std::vector<T> incoming_;
    std::vector<T> working_;
};

}  // namespace wse
