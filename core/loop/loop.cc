// SPDX-License-Identifier: MIT
#include "loop/loop.h"

#include <pthread.h>

#include <future>

namespace wse {

Loop::Loop(std::string name, const Clock &clock)
    : name_(std::move(name)),
      clock_(clock),
      ticker_(new uv_timer_t),
      timers_(clock.monotonic_ms()) {
    WSE_ASSERT(uv_loop_init(&loop_) == 0, "uv_loop_init failed");
    loop_.data = this;
    tasks_ = std::make_unique<Mailbox<Task>>(&loop_, [](std::vector<Task> &tasks) {
        for (auto &task : tasks) task();
    });
    uv_timer_init(&loop_, ticker_);
    ticker_->data = this;
    uv_timer_start(
        ticker_, [](uv_timer_t *timer) { static_cast<Loop *>(timer->data)->tick(); },
        TimerWheel::kTickMs, TimerWheel::kTickMs);
}

Loop::~Loop() {
    WSE_ASSERT(!thread_.joinable(), "a loop is destroyed while it runs");
    tasks_.reset();
    uv_close(reinterpret_cast<uv_handle_t *>(ticker_),
             [](uv_handle_t *handle) { delete reinterpret_cast<uv_timer_t *>(handle); });
    uv_run(&loop_, UV_RUN_DEFAULT);
    WSE_ASSERT(uv_loop_close(&loop_) == 0, "a handle was left open on a loop");
}

void Loop::start() {
    thread_ = std::thread([this] {
        owner_ = std::this_thread::get_id();
        // The kernel shows at most 15 characters of it, in top -H and in debuggers.
        pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
        uv_run(&loop_, UV_RUN_DEFAULT);
    });
}

void Loop::stop() {
    if (!thread_.joinable()) return;
    post([this] { uv_stop(&loop_); });
    thread_.join();
    thread_ = std::thread();
    owner_ = std::thread::id();
}

void Loop::post(Task task) {
    tasks_->post(std::move(task));
}

void Loop::call(Task task) {
    if (on_thread()) return task();
    std::promise<void> done;
    post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

bool Loop::on_thread() const {
    const std::thread::id owner = owner_;
    return owner == std::thread::id() || owner == std::this_thread::get_id();
}

void Loop::tick() {
    timers_.advance(clock_.monotonic_ms());
}

}  // namespace wse
