// SPDX-License-Identifier: MIT
#include "watcher.h"

#include <utility>

namespace wse::auth_token_file {

Watcher::Watcher(const wse_host *host, std::string path, uint64_t interval_ms, Stamp seen,
                 Changed changed)
    : host_(host),
      path_(std::move(path)),
      interval_ms_(interval_ms),
      seen_(seen),
      changed_(std::move(changed)) {}

bool Watcher::start(wse_loop *loop) {
    loop_ = loop;
    timer_.data = this;
    return uv_timer_init(static_cast<uv_loop_t *>(host_->uv(host_, loop)), &timer_) == 0 &&
           uv_timer_start(&timer_, on_tick, interval_ms_, interval_ms_) == 0;
}

void Watcher::stop(wse_stop_token *token) {
    stop_token_ = token;
    uv_close(reinterpret_cast<uv_handle_t *>(&timer_), on_closed);
}

void Watcher::on_tick(uv_timer_t *timer) noexcept {
    auto *self = static_cast<Watcher *>(timer->data);
    // A disk that hangs holds one worker, not all of them; a full pool is asked again next time.
    if (self->looking_) return;
    self->looking_ = self->host_->work(self->host_, self->loop_, look, looked, self) == WSE_OK;
}

void Watcher::look(void *p) noexcept {
    auto *self = static_cast<Watcher *>(p);
    self->has_found_ = stamp_of(self->path_) != self->seen_;
    if (self->has_found_) self->found_ = load_file(self->path_);
}

void Watcher::looked(void *p) noexcept {
    auto *self = static_cast<Watcher *>(p);
    self->looking_ = false;
    if (self->stop_token_) {
        self->finish_stop();
    } else if (self->has_found_) {
        self->seen_ = self->found_.stamp;
        self->changed_(std::move(self->found_));
    }
}

void Watcher::on_closed(uv_handle_t *timer) noexcept {
    auto *self = static_cast<Watcher *>(timer->data);
    self->closed_ = true;
    self->finish_stop();
}

void Watcher::finish_stop() {
    if (closed_ && !looking_) host_->stop_done(host_, stop_token_);
}

}  // namespace wse::auth_token_file
