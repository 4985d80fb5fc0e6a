// SPDX-License-Identifier: MIT
// Deadlines of many connections: setting, moving and cancelling one is a few pointer writes.
// Resolution is kTickMs; a timer fires late by at most one tick, never early.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace wse {

class TimerWheel;

// One deadline, usually a member of what it concerns. Cancels itself when destroyed. Not movable.
class Timer {
public:
    explicit Timer(std::function<void()> on_fire) : on_fire_(std::move(on_fire)) {}
    ~Timer() { cancel(); }
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    bool scheduled() const { return wheel_ != nullptr; }
    void cancel();

private:
    friend class TimerWheel;
    Timer *previous_ = nullptr;
    Timer *next_ = nullptr;
    TimerWheel *wheel_ = nullptr;
    size_t slot_ = 0;
    uint64_t deadline_tick_ = 0;
    std::function<void()> on_fire_;
};

// One thread. The timers must be gone or cancelled before it.
class TimerWheel {
public:
    static constexpr uint64_t kTickMs = 20;

    // Asks the clock when a timer is scheduled, so that a delay counts from that moment even when
    // advance() is overdue (the process was paused, a callback took long).
    explicit TimerWheel(const Clock &clock);
    // Pure: knows only the time advance() tells it.
    explicit TimerWheel(uint64_t now_ms);
    ~TimerWheel();

    // Sets or moves the deadline to `delay_ms` from now; UINT64_MAX is never.
    void schedule(Timer &timer, uint64_t delay_ms);
    // Fires what is due, each once; a callback may schedule, cancel or destroy any timer.
    void advance(uint64_t now_ms);
    uint64_t now_ms() const { return now_ms_; }  // as last heard
    size_t size() const { return size_; }

private:
    friend class Timer;
    static constexpr size_t kSlots = 1024;
    void link(Timer &timer, size_t slot);
    void unlink(Timer &timer);

    std::array<Timer *, kSlots + 1> slots_{};  // the last one: what is due now
    const Clock *clock_ = nullptr;
    uint64_t now_ms_;
    uint64_t tick_;
    size_t size_ = 0;
};

}  // namespace wse
