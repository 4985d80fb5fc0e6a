// SPDX-License-Identifier: MIT
#include "socket.h"

#include <memory>
#include <new>
#include <utility>

namespace wse::app_socket {
namespace {

constexpr size_t kReadBlock = 65536;
// For the other side to read what was said last, and to close.
constexpr uint64_t kLingerMs = 2000;
constexpr unsigned kKeepaliveSeconds = 30;

// All sockets are of one loop, and what is read is looked at before the next read.
char *read_block() {
    static thread_local const auto block = std::make_unique<char[]>(kReadBlock);
    return block.get();
}

Socket *of(void *handle_data) {
    return static_cast<Socket *>(handle_data);
}

}  // namespace

Socket *Socket::make(uv_loop_t *loop, bool is_unix, uint64_t id, const Limits &limits,
                     SocketOwner &owner) {
    read_block();
    return new Socket(loop, is_unix, id, limits, owner);
}

Socket::Socket(uv_loop_t *loop, bool is_unix, uint64_t id, const Limits &limits, SocketOwner &owner)
    : id_(id), limits_(limits), owner_(&owner), counted_(owner), reader_(limits.first_frame) {
    if (is_unix) {
        uv_pipe_init(loop, &handle_.pipe, 0);
    } else {
        uv_tcp_init(loop, &handle_.tcp);
    }
    uv_timer_init(loop, &timer_);
    handle_.any.data = timer_.data = write_.data = shutdown_.data = this;
}

// Without memory for a step the connection ends, and nothing else does.
template <class Step>
void Socket::guard(Step step) noexcept {
    try {
        step();
    } catch (const std::bad_alloc &) {
        on_end("out of memory");
    }
}

void Socket::start(uint64_t timeout_ms) {
    if (handle_.any.type == UV_TCP) {
        uv_tcp_nodelay(&handle_.tcp, 1);
        uv_tcp_keepalive(&handle_.tcp, 1, kKeepaliveSeconds);
    }
    uv_timer_start(
        &timer_,
        [](uv_timer_t *timer) noexcept {
            Socket *const self = of(timer->data);
            self->guard([self] { self->on_time(); });
        },
        timeout_ms, 0);
    read_on();
}

void Socket::on_time() {
    if (is_finishing_) return close_handles();
    if (owner_) owner_->on_late(*this);
}

void Socket::read_on() {
    uv_read_start(
        stream(),
        [](uv_handle_t *, size_t, uv_buf_t *ret) noexcept {
            *ret = uv_buf_init(read_block(), kReadBlock);
        },
        [](uv_stream_t *stream, ssize_t n, const uv_buf_t *block) noexcept {
            Socket *const self = of(stream->data);
            if (n < 0)
                return self->on_end(n == UV_EOF ? "closed" : uv_err_name(static_cast<int>(n)));
            self->guard([&] { self->on_bytes({block->base, static_cast<size_t>(n)}); });
        });
}

void Socket::on_bytes(std::string_view bytes) {
    if (is_finishing_ || is_closing_) return;  // the end has been said
    reader_.add(bytes);
    look_at_frames();
}

// What the owner does with a frame may end the connection, or call resume().
void Socket::look_at_frames() {
    if (std::exchange(is_looking_, true)) return;
    while (is_open() && !is_held_) {
        const auto frame = reader_.peek();
        if (!frame) break;
        is_held_ = !owner_->on_frame(*this, *frame);
        if (is_held_ || !is_open()) break;
        reader_.take();
        if (!std::exchange(has_first_, true)) {
            uv_timer_stop(&timer_);
            reader_.set_limit(limits_.frame);
        }
    }
    is_looking_ = false;
    if (is_held_ && !is_closing_ && !is_finishing_) uv_read_stop(stream());
    if (is_open() && reader_.is_too_big()) owner_->on_too_big(*this);
}

void Socket::resume() {
    if (!is_open() || !std::exchange(is_held_, false)) return;
    guard([this] { look_at_frames(); });
    if (!is_held_ && is_open()) read_on();
}

void Socket::send(std::string_view body) {
    if (!is_open()) return;
    append_frame(waiting_, body);
    if (unsent() > limits_.output) return break_off("does not read");
    was_crowded_ = was_crowded_ || is_crowded();
    write();
}

void Socket::write() {
    if (is_writing_ || is_closing_ || waiting_.empty()) return;
    writing_ = std::exchange(waiting_, {});
    const uv_buf_t buffer = uv_buf_init(writing_.data(), static_cast<unsigned>(writing_.size()));
    is_writing_ = true;
    const int status = uv_write(&write_, stream(), &buffer, 1, [](uv_write_t *request, int result) {
        Socket *const self = of(request->data);
        self->guard([&] { self->written(result); });
    });
    if (status == 0) return;
    is_writing_ = false;
    break_off(uv_err_name(status));
}

void Socket::written(int status) {
    is_writing_ = false;
    writing_.clear();
    if (is_closing_) return;
    if (status != 0) return on_end(uv_err_name(status));
    write();
    if (is_finishing_) return shut_down();
    if (owner_ && !is_crowded() && std::exchange(was_crowded_, false)) owner_->on_room(*this);
}

void Socket::finish() {
    owner_ = nullptr;
    if (is_closing_ || std::exchange(is_finishing_, true)) return;
    // What is still on its way here is read and forgotten: closed over it, a TCP connection would
    // be reset, and the last frame lost with it.
    read_on();
    uv_timer_start(
        &timer_, [](uv_timer_t *timer) noexcept { of(timer->data)->close_handles(); }, kLingerMs,
        0);
    shut_down();
}

void Socket::shut_down() {
    if (is_writing_ || is_closing_) return;
    uv_shutdown(&shutdown_, stream(), [](uv_shutdown_t *, int) noexcept {});
}

void Socket::close() {
    owner_ = nullptr;
    close_handles();
}

// The owner hears of it when the handles are closed: it may be in the middle of something.
void Socket::break_off(const char *cause) noexcept {
    if (!is_open()) return;
    cause_ = cause;
    close_handles();
}

void Socket::on_end(const char *cause) noexcept {
    close_handles();
    if (SocketOwner *const owner = std::exchange(owner_, nullptr)) owner->on_gone(*this, cause);
}

void Socket::close_handles() noexcept {
    if (std::exchange(is_closing_, true)) return;
    const auto closed = [](uv_handle_t *handle) noexcept { of(handle->data)->handle_closed(); };
    uv_close(&handle_.any, closed);
    uv_close(reinterpret_cast<uv_handle_t *>(&timer_), closed);
}

void Socket::handle_closed() noexcept {
    if (--open_handles_ > 0) return;
    if (SocketOwner *const owner = std::exchange(owner_, nullptr)) owner->on_gone(*this, cause_);
    SocketOwner &counted = counted_;
    delete this;
    counted.on_released();
}

}  // namespace wse::app_socket
