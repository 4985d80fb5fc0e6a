// SPDX-License-Identifier: MIT
#include "loop/timer_wheel.h"

#include <algorithm>

#include "base/assert.h"

namespace wse {

void Timer::cancel() {
    if (wheel_) wheel_->unlink(*this);
}

TimerWheel::TimerWheel(const Clock &clock) : TimerWheel(clock.monotonic_ms()) {
    clock_ = &clock;
}

TimerWheel::TimerWheel(uint64_t now_ms) : now_ms_(now_ms), tick_(now_ms / kTickMs) {}

TimerWheel::~TimerWheel() {
    WSE_ASSERT(size_ == 0, "a timer outlives its wheel");
}

void TimerWheel::schedule(Timer &timer, uint64_t delay_ms) {
    timer.cancel();
    if (clock_) now_ms_ = std::max(now_ms_, clock_->monotonic_ms());
    constexpr uint64_t kNever = UINT64_MAX - kTickMs;
    const uint64_t deadline_ms = delay_ms < kNever - now_ms_ ? now_ms_ + delay_ms : kNever;
    // The tick after the deadline: late by at most one, never early.
    timer.deadline_tick_ = std::max(tick_ + 1, (deadline_ms + kTickMs - 1) / kTickMs);
    timer.wheel_ = this;
    link(timer, timer.deadline_tick_ % kSlots);
}

void TimerWheel::link(Timer &timer, size_t slot) {
    timer.slot_ = slot;
    timer.previous_ = nullptr;
    timer.next_ = slots_[slot];
    if (timer.next_) timer.next_->previous_ = &timer;
    slots_[slot] = &timer;
    ++size_;
}

void TimerWheel::unlink(Timer &timer) {
    if (timer.next_) timer.next_->previous_ = timer.previous_;
    if (timer.previous_) {
        timer.previous_->next_ = timer.next_;
    } else {
        slots_[timer.slot_] = timer.next_;
    }
    timer.wheel_ = nullptr;
    --size_;
}

void TimerWheel::advance(uint64_t now_ms) {
    now_ms_ = std::max(now_ms_, now_ms);
    const uint64_t target = now_ms_ / kTickMs;
    // After a long pause one round visits every slot; more rounds would find nothing new.
    const uint64_t visits = std::min<uint64_t>(target - tick_, kSlots);
    for (uint64_t i = 0; i < visits; ++i) {
        const size_t slot = (target - i) % kSlots;
        for (Timer *timer = slots_[slot]; timer;) {
            Timer *next = timer->next_;
            if (timer->deadline_tick_ <= target) {
                unlink(*timer);
                timer->wheel_ = this;
                link(*timer, kSlots);
            }
            timer = next;
        }
    }
    tick_ = target;
    // What is due stands in a list of its own, so a callback may destroy any of the others.
    while (Timer *timer = slots_[kSlots]) {
        unlink(*timer);
        const auto fire = timer->on_fire_;  // the callback may destroy the timer it belongs to
        fire();
    }
}

}  // namespace wse
