// SPDX-License-Identifier: MIT
// Poller: the sockets of one loop in a private edge-triggered epoll, which libuv sees as a single
// descriptor. It also knows the turn of the loop: what was queued during a turn is flushed at its
// end, what has more work than its share continues in the next one, and what has died is destroyed
// when nobody stands inside it any more. Everything here: [loop].
#pragma once

#include <sys/epoll.h>
#include <uv.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

namespace wse::net {

// Something with a descriptor in a Poller.
class Pollable {
public:
    Pollable() = default;
    virtual ~Pollable() = default;
    Pollable(const Pollable &) = delete;
    Pollable &operator=(const Pollable &) = delete;

    // EPOLL* bits that became true; EPOLLIN after run_again().
    virtual void on_events(uint32_t events) = 0;
    // The end of the turn, once after each flush_later().
    virtual void flush() {}

private:
    friend class Poller;
    bool again_ = false;
    bool dirty_ = false;
};

class Poller {
public:
    explicit Poller(uv_loop_t *loop);
    // Everything watched is forgotten before.
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    // Reports readable, writable and closed, each time one becomes true.
    Result<void> watch(int fd, Pollable &what);
    // The same descriptor with a new owner; what is true already is reported again.
    void hand_over(int fd, Pollable &from, Pollable &to);
    // Nothing more comes for it; call it before the descriptor is closed.
    void forget(int fd, Pollable &what);

    // on_events(EPOLLIN) in the next turn: there is more to do than is fair in this one.
    void run_again(Pollable &what);
    void flush_later(Pollable &what);
    // Destroys it at the end of the turn.
    void bury(std::unique_ptr<Pollable> what);

    // Shared by everything on the loop: its content is gone when on_events() returns.
    std::span<char> buffer() { return {buffer_.get(), kBufferBytes}; }

    static constexpr size_t kBufferBytes = 64 * 1024;

private:
    void take_events();
    void end_turn();
    void flush_dirty();
    void forget_queued(Pollable &what);
    void keep_turning();

    int epoll_;
    uv_poll_t *poll_;
    uv_prepare_t *prepare_;  // before the loop sleeps: what timers have queued
    uv_check_t *check_;      // after it has polled: what sockets and mailboxes have queued
    uv_idle_t *idle_;        // active while there is work left, so that the loop does not sleep
    std::unique_ptr<char[]> buffer_;
    std::array<epoll_event, 256> batch_{};
    size_t batch_at_ = 0;
    size_t batch_end_ = 0;
    std::vector<Pollable *> again_;
    std::vector<Pollable *> running_;
    std::vector<Pollable *> dirty_;
    std::vector<Pollable *> flushing_;
    std::vector<std::unique_ptr<Pollable>> buried_;
};

}  // namespace wse::net
