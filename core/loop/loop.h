// SPDX-License-Identifier: MIT
// Loop: a uv_loop_t, its thread, its timers and a mailbox for tasks.
//
// A guest lives on somebody else's uv_loop_t. The thread that makes it is the one that turns that
// loop, so it runs from the beginning: start() does nothing, and no tick is lost by calling stop().
#pragma once

#include <uv.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "loop/mailbox.h"
#include "loop/timer_wheel.h"

namespace wse {

class Loop {
public:
    using Task = std::function<void()>;

    // `host`: of a guest, on whose thread this is called, as is the destructor.
    Loop(std::string name, const Clock &clock, uv_loop_t *host = nullptr);
    // Joined before: call stop() first when start() was called. Runs close callbacks and work of
    // the pool to their ends; tasks that were not run are dropped. A handle that its owner (a
    // module) left open is named in the log and closed. Of a guest, its own handles are closed by
    // the time the host has turned once more.
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    const std::string &name() const { return name_; }
    uv_loop_t *uv() { return loop_; }
    bool is_guest() const { return loop_ != &own_; }
    TimerWheel &timers() { return timers_; }  // [loop]

    // [main] Runs the loop on a thread of its own until stop().
    void start();
    // [main] Ends the thread after the tasks posted so far and waits for it; what is posted later
    // waits for another start(). Closing handles is the business of their owners, in a task posted
    // before; the destructor runs what is left of them. A guest runs on.
    void stop();

    // [any] Runs the task on the loop, after those posted before.
    void post(Task task);
    // [main] Runs the task on the loop and waits for its end; on a loop that is not running, at
    // once.
    void call(Task task);

    // True on the loop's thread, and on every thread while the loop is not running.
    bool on_thread() const;
    // The loop whose thread this is, or null.
    static const Loop *current();

private:
    void tick();
    void close_forgotten();

    std::string name_;
    const Clock &clock_;
    uv_loop_t own_{};
    uv_loop_t *const loop_;
    uv_timer_t *ticker_;
    TimerWheel timers_;
    std::unique_ptr<Mailbox<Task>> tasks_;
    bool ending_ = false;
    std::thread thread_;
    std::atomic<std::thread::id> owner_{};  // the running thread
};

}  // namespace wse
