// SPDX-License-Identifier: MIT
// Mailbox<T>: the one way from thread to thread. Any thread posts; the owning loop is woken once
// and takes everything that has gathered, by swapping two vectors. One of the two places with a
// lock.
#pragma once

#include <uv.h>

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
    // again.
    using Drain = std::function<void(std::vector<T> &)>;

    // [loop thread or before it starts] `loop` outlives the mailbox.
    Mailbox(uv_loop_t *loop, Drain drain) : drain_(std::move(drain)), wake_(new uv_async_t) {
        wake_->data = this;
        const int status = uv_async_init(
            loop, wake_, [](uv_async_t *handle) { static_cast<Mailbox *>(handle->data)->run(); });
        WSE_ASSERT(status == 0, "uv_async_init failed");
    }

    // [loop thread, or after it has ended and before uv_loop_close] Nobody may post any more.
    ~Mailbox() {
        wake_->data = nullptr;
        uv_close(reinterpret_cast<uv_handle_t *>(wake_),
                 [](uv_handle_t *handle) { delete reinterpret_cast<uv_async_t *>(handle); });
    }

    Mailbox(const Mailbox &) = delete;
    Mailbox &operator=(const Mailbox &) = delete;

    // [any]
    void post(T item) {
        bool wake = false;
        {
            const std::lock_guard lock(mutex_);
            wake = incoming_.empty();
            incoming_.push_back(std::move(item));
        }
        if (wake) uv_async_send(wake_);
    }

    // [any] All of `items` in one go, keeping their order together; leaves it empty.
    void post_all(std::vector<T> &items) {
        if (items.empty()) return;
        bool wake = false;
        {
            const std::lock_guard lock(mutex_);
            wake = incoming_.empty();
            if (wake) {
                incoming_.swap(items);
            } else {
                for (auto &item : items) incoming_.push_back(std::move(item));
            }
        }
        items.clear();
        if (wake) uv_async_send(wake_);
    }

private:
    void run() {
        {
            const std::lock_guard lock(mutex_);
            working_.swap(incoming_);
        }
        if (working_.empty()) return;
        drain_(working_);
        working_.clear();
    }

    Drain drain_;
    uv_async_t *wake_;
    std::mutex mutex_;
    std::vector<T> incoming_;
    std::vector<T> working_;
};

}  // namespace wse
