// SPDX-License-Identifier: MIT
#include "loop/loop.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "base/alt_stack.h"
#include "base/log.h"

namespace wse {
namespace {

thread_local const Loop *current_loop = nullptr;

uv_handle_t *as_handle(uv_timer_t *timer) {
    return reinterpret_cast<uv_handle_t *>(timer);
}

bool any_handle(uv_loop_t *loop, bool (*is_one)(uv_handle_t *)) {
    struct Search {
        bool (*is_one)(uv_handle_t *);
        bool found;
    } search{is_one, false};
    uv_walk(
        loop,
        [](uv_handle_t *handle, void *arg) noexcept {
            auto *it = static_cast<Search *>(arg);
            it->found = it->found || it->is_one(handle);
        },
        &search);
    return search.found;
}

}  // namespace

Loop::Loop(std::string name, const Clock &clock, uv_loop_t *host)
    : name_(std::move(name)),
      clock_(clock),
      loop_(host ? host : &own_),
      ticker_(new uv_timer_t),
      timers_(clock) {
    if (host) {
        owner_ = std::this_thread::get_id();
        current_loop = this;
    } else {
        WSE_ASSERT(uv_loop_init(loop_) == 0, "uv_loop_init failed");
    }
    tasks_ = std::make_unique<Mailbox<Task>>(loop_, [this](std::vector<Task> &tasks) {
        if (ending_) return;
        for (auto &task : tasks) task();
    });
    uv_timer_init(loop_, ticker_);
    ticker_->data = this;
    uv_timer_start(
        ticker_, [](uv_timer_t *timer) noexcept { static_cast<Loop *>(timer->data)->tick(); },
        TimerWheel::kTickMs, TimerWheel::kTickMs);
}

Loop::~Loop() {
    WSE_ASSERT(!thread_.joinable(), "a loop is destroyed while it runs");
    ending_ = true;
    uv_close(as_handle(ticker_),
             [](uv_handle_t *handle) noexcept { delete reinterpret_cast<uv_timer_t *>(handle); });
    if (is_guest()) {
        current_loop = nullptr;
        return;
    }
    // Close callbacks may close more, and may post: the mailbox is still there to take it.
    while (any_handle(loop_, [](uv_handle_t *handle) { return uv_is_closing(handle) != 0; }))
        uv_run(loop_, UV_RUN_NOWAIT);
    tasks_.reset();
    close_forgotten();
    uv_run(loop_, UV_RUN_DEFAULT);
    WSE_ASSERT(uv_loop_close(loop_) == 0, "a handle was opened on a loop that ends");
}

void Loop::close_forgotten() {
    uv_walk(
        loop_,
        [](uv_handle_t *handle, void *self) noexcept {
            if (uv_is_closing(handle)) return;
            log::warn("loop", "loop.handle_left_open",
                      {{"loop", static_cast<Loop *>(self)->name_},
                       {"handle", uv_handle_type_name(uv_handle_get_type(handle))}});
            // Its memory is its owner's, who is gone: nobody is told.
            uv_close(handle, nullptr);
        },
        this);
}

void Loop::start() {
    if (is_guest()) return;
    WSE_ASSERT(!thread_.joinable(), "a loop is started twice");
    thread_ = std::thread([this] {
        owner_ = std::this_thread::get_id();
        const AltStack stack;
        current_loop = this;
        // The kernel shows at most 15 characters of it, in top -H and in debuggers.
        pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
        uv_run(loop_, UV_RUN_DEFAULT);
    });
    // Here as well: until the thread gets its turn, call() would take the loop for a resting one.
    owner_ = thread_.get_id();
}

void Loop::stop() {
    if (is_guest()) return call([] {});
    if (!thread_.joinable()) return;
    post([this] { uv_stop(loop_); });
    thread_.join();
    owner_ = std::thread::id();
}

void Loop::post(Task task) {
    tasks_->post(std::move(task));
}

void Loop::call(Task task) {
    if (on_thread()) return task();
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    post([&] {
        task();
        // Notified under the lock: all three are gone as soon as the caller sees `done`.
        const std::lock_guard lock(mutex);
        done = true;
        ended.notify_one();
    });
    std::unique_lock lock(mutex);
    ended.wait(lock, [&done] { return done; });
}

bool Loop::on_thread() const {
    const std::thread::id owner = owner_;
    return owner == std::thread::id() || owner == std::this_thread::get_id();
}

const Loop *Loop::current() {
    return current_loop;
}

void Loop::tick() {
    timers_.advance(clock_.monotonic_ms());
}

}  // namespace wse
