// SPDX-License-Identifier: MIT
#include "app/call_queue.h"

#include <utility>

namespace wse::app {
namespace {

constexpr uint64_t kPauseMs = 10;  // when the server takes no more

}  // namespace

CallQueue::CallQueue(const wse_host *host, wse_loop *loop, std::function<void()> drained)
    : host_(host),
      loop_(loop),
      drained_(std::move(drained)),
      timer_(static_cast<uv_loop_t *>(host->uv(host, loop)), [this] { issue(); }) {}

void CallQueue::push(Call call) {
    if (closing_) return;
    if (waiting_.empty() && call.issue(host_, loop_) == WSE_OK) return;
    waiting_.push_back(std::move(call));
    if (!timer_.is_set()) timer_.start(kPauseMs);
}

void CallQueue::close(std::function<void()> closed) {
    closing_ = true;
    waiting_.clear();
    timer_.close(std::move(closed));
}

void CallQueue::issue() {
    while (!waiting_.empty()) {
        if (waiting_.front().issue(host_, loop_) != WSE_OK) return timer_.start(kPauseMs);
        waiting_.pop_front();
    }
    if (drained_) drained_();
}

}  // namespace wse::app
