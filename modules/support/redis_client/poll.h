// SPDX-License-Identifier: MIT
// A connection of hiredis on a libuv loop. hiredis ships an adapter for libuv; it does not pass on
// an error of the descriptor, so that a refused connection is never heard of, and cannot tell how
// large a reply is while it comes in.
#pragma once

#include <hiredis/async.h>
#include <uv.h>

#include <cstdint>

namespace wse::redis {

// Told by a Poll, on the loop.
class PollOwner {
public:
    // hiredis frees the context when this returns; no call of ours may follow with it.
    virtual void on_lost(const redisAsyncContext &context, bool too_big) = 0;
    // The handle is closed: the Poll is gone.
    virtual void on_closed() = 0;

protected:
    ~PollOwner() = default;
};

// Owns itself: from attach() until on_closed().
class Poll {
public:
    // False, and nothing done, when the loop does not take the descriptor. Replies of more than
    // `reply_bytes` end the connection.
    static bool attach(redisAsyncContext &context, uv_loop_t *loop, uint64_t reply_bytes,
                       PollOwner &owner);
    Poll(const Poll &) = delete;
    Poll &operator=(const Poll &) = delete;

private:
    Poll(redisAsyncContext &context, uint64_t reply_bytes, PollOwner &owner);
    static void *create_string(const redisReadTask *task, char *text, size_t length) noexcept;
    static void *create_array(const redisReadTask *task, int elements) noexcept;
    bool grow(const redisReadTask &task, uint64_t bytes);
    void set_events(int events);
    void on_event(int status, int events);
    void check_size();
    void cleanup();

    redisAsyncContext *context_;  // null once hiredis has let go of it
    const uint64_t reply_bytes_;
    PollOwner &owner_;
    uv_poll_t handle_{};
    int events_ = 0;
    uint64_t taken_ = 0;  // octets of the reply that comes in, as far as it was read
    bool too_big_ = false;
};

}  // namespace wse::redis
