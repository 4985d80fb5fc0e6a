// SPDX-License-Identifier: MIT
#include "net/poller.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace wse::net {
namespace {

constexpr uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

template <class Handle>
Handle *make_handle(uv_loop_t *loop, int (*init)(uv_loop_t *, Handle *), Poller *self) {
    auto *handle = new Handle;
    WSE_ASSERT(init(loop, handle) == 0, "a libuv handle could not be initialised");
    handle->data = self;
    return handle;
}

// Closing is asynchronous: the handle owns itself until libuv is done with it.
template <class Handle>
void close_handle(Handle *handle) {
    handle->data = nullptr;
    uv_close(reinterpret_cast<uv_handle_t *>(handle),
             [](uv_handle_t *closed) noexcept { delete reinterpret_cast<Handle *>(closed); });
}

template <class Handle>
Poller *owner(Handle *handle) {
    return static_cast<Poller *>(handle->data);
}

void replace(std::vector<Pollable *> &list, Pollable *what) {
    std::replace(list.begin(), list.end(), what, static_cast<Pollable *>(nullptr));
}

}  // namespace

Poller::Poller(uv_loop_t *loop)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      poll_(new uv_poll_t),
      prepare_(make_handle(loop, uv_prepare_init, this)),
      check_(make_handle(loop, uv_check_init, this)),
      idle_(make_handle(loop, uv_idle_init, this)),
      buffer_(new char[kBufferBytes]) {
    WSE_ASSERT(epoll_ >= 0, "epoll_create1 failed");
    WSE_ASSERT(uv_poll_init(loop, poll_, epoll_) == 0, "uv_poll_init failed");
    poll_->data = this;
    uv_poll_start(poll_, UV_READABLE,
                  [](uv_poll_t *h, int, int) noexcept { owner(h)->take_events(); });
    uv_prepare_start(prepare_, [](uv_prepare_t *h) noexcept {
        owner(h)->flush_dirty();
        owner(h)->keep_turning();
    });
    uv_check_start(check_, [](uv_check_t *h) noexcept { owner(h)->end_turn(); });
}

Poller::~Poller() {
    buried_.clear();
    uv_poll_stop(poll_);  // before its descriptor is closed
    close_handle(poll_);
    close_handle(prepare_);
    close_handle(check_);
    close_handle(idle_);
    ::close(epoll_);
}

Result<void> Poller::watch(int fd, Pollable &what) {
    epoll_event event{kInterest, {.ptr = &what}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return {};
    return Error{WSE_EIO, std::string("cannot watch a socket: ") + std::strerror(errno)};
}

void Poller::hand_over(int fd, Pollable &from, Pollable &to) {
    forget_queued(from);
    epoll_event event{kInterest, {.ptr = &to}};
    WSE_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) == 0,
               "a socket handed over was not watched");
}

void Poller::forget(int fd, Pollable &what) {
    forget_queued(what);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void Poller::forget_queued(Pollable &what) {
    for (size_t i = batch_at_; i < batch_end_; ++i) {
        if (batch_[i].data.ptr == &what) batch_[i].data.ptr = nullptr;
    }
    if (what.again_) {
        replace(again_, &what);
        replace(running_, &what);
    }
    if (what.dirty_) {
        replace(dirty_, &what);
        replace(flushing_, &what);
    }
    what.again_ = what.dirty_ = false;
}

void Poller::run_again(Pollable &what) {
    if (what.again_) return;
    what.again_ = true;
    again_.push_back(&what);
}

void Poller::flush_later(Pollable &what) {
    if (what.dirty_) return;
    what.dirty_ = true;
    dirty_.push_back(&what);
}

void Poller::bury(std::unique_ptr<Pollable> what) {
    buried_.push_back(std::move(what));
}

void Poller::take_events() {
    const int count = epoll_wait(epoll_, batch_.data(), static_cast<int>(batch_.size()), 0);
    if (count <= 0) return;  // interrupted: the descriptor stays readable
    batch_end_ = static_cast<size_t>(count);
    for (batch_at_ = 0; batch_at_ < batch_end_;) {
        const epoll_event event = batch_[batch_at_++];
        if (event.data.ptr) static_cast<Pollable *>(event.data.ptr)->on_events(event.events);
    }
    batch_at_ = batch_end_ = 0;
}

void Poller::end_turn() {
    running_.swap(again_);
    for (size_t i = 0; i < running_.size(); ++i) {
        Pollable *what = running_[i];
        if (!what) continue;
        what->again_ = false;
        what->on_events(EPOLLIN);
    }
    running_.clear();
    flush_dirty();
    keep_turning();
}

void Poller::flush_dirty() {
    flushing_.swap(dirty_);
    for (size_t i = 0; i < flushing_.size(); ++i) {
        Pollable *what = flushing_[i];
        if (!what) continue;
        what->dirty_ = false;
        what->flush();
    }
    flushing_.clear();
    // A destructor may bury something else.
    std::vector<std::unique_ptr<Pollable>> dead;
    dead.swap(buried_);
}

void Poller::keep_turning() {
    const bool work_left = !again_.empty() || !dirty_.empty() || !buried_.empty();
    if (work_left) {
        uv_idle_start(idle_, [](uv_idle_t *) noexcept {});
    } else {
        uv_idle_stop(idle_);
    }
}

}  // namespace wse::net
