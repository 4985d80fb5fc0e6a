// SPDX-License-Identifier: MIT
#include "redis_client/poll.h"

#include <memory>
#include <new>

namespace wse::redis {
namespace {

constexpr uint64_t kElement = 16;   // what an element of an array counts beside its text
constexpr uint64_t kSlack = 65536;  // what may be read before it is looked at

// What hiredis itself makes of replies.
redisReplyObjectFunctions &original() {
    static redisReplyObjectFunctions functions;
    return functions;
}

redisReplyObjectFunctions &bounded() {
    static redisReplyObjectFunctions functions;
    return functions;
}

}  // namespace

Poll::Poll(redisAsyncContext &context, uint64_t reply_bytes, PollOwner &owner)
    : context_(&context), reply_bytes_(reply_bytes), owner_(owner) {}

bool Poll::attach(redisAsyncContext &context, uv_loop_t *loop, uint64_t reply_bytes,
                  PollOwner &owner) {
    std::unique_ptr<Poll> poll(new (std::nothrow) Poll(context, reply_bytes, owner));
    if (!poll || uv_poll_init(loop, &poll->handle_, context.c.fd) != 0) return false;
    poll->handle_.data = poll.get();
    redisReader &reader = *context.c.reader;
    original() = *reader.fn;
    bounded() = original();
    bounded().createString = create_string;
    bounded().createArray = create_array;
    reader.fn = &bounded();
    reader.privdata = poll.get();

    context.ev.addRead = [](void *self) {
        auto *it = static_cast<Poll *>(self);
        it->set_events(it->events_ | UV_READABLE);
    };
    context.ev.delRead = [](void *self) {
        auto *it = static_cast<Poll *>(self);
        it->set_events(it->events_ & ~UV_READABLE);
    };
    context.ev.addWrite = [](void *self) {
        auto *it = static_cast<Poll *>(self);
        it->set_events(it->events_ | UV_WRITABLE);
    };
    context.ev.delWrite = [](void *self) {
        auto *it = static_cast<Poll *>(self);
        it->set_events(it->events_ & ~UV_WRITABLE);
    };
    context.ev.cleanup = [](void *self) { static_cast<Poll *>(self)->cleanup(); };
    context.ev.data = poll.release();
    return true;
}

bool Poll::grow(const redisReadTask &task, uint64_t bytes) {
    if (!task.parent) taken_ = 0;
    taken_ += bytes;
    if (taken_ > reply_bytes_) too_big_ = true;
    return !too_big_;
}

// Null ends the connection: hiredis takes it for want of memory.
void *Poll::create_string(const redisReadTask *task, char *text, size_t length) noexcept {
    auto *self = static_cast<Poll *>(task->privdata);
    const uint64_t frame = task->parent ? kElement : 0;
    return self->grow(*task, length + frame) ? original().createString(task, text, length)
                                             : nullptr;
}

void *Poll::create_array(const redisReadTask *task, int elements) noexcept {
    auto *self = static_cast<Poll *>(task->privdata);
    // Its elements come yet, but the memory for all of them is taken here.
    const bool fits =
        elements < 0 || static_cast<uint64_t>(elements) * kElement <= self->reply_bytes_;
    if (!fits) self->too_big_ = true;
    return fits && self->grow(*task, kElement) ? original().createArray(task, elements) : nullptr;
}

void Poll::set_events(int events) {
    events_ = events;
    if (events == 0) {
        uv_poll_stop(&handle_);
        return;
    }
    uv_poll_start(&handle_, events, [](uv_poll_t *handle, int status, int ready) noexcept {
        static_cast<Poll *>(handle->data)->on_event(status, ready);
    });
}

// Each call into hiredis may end in cleanup().
void Poll::on_event(int status, int events) {
    if (context_ && (status != 0 || (events & UV_READABLE))) redisAsyncHandleRead(context_);
    if (context_ && status == 0 && (events & UV_WRITABLE)) redisAsyncHandleWrite(context_);
    // libuv has stopped to look at it; hiredis has found nothing wrong, which must not go on.
    if (context_ && status != 0) redisAsyncFree(context_);
    check_size();
}

// A text of which not all has come is no object yet.
void Poll::check_size() {
    if (!context_) return;
    const redisReader &reader = *context_->c.reader;
    // Outside of an array, what has been taken is the reply before.
    const uint64_t taken = reader.ridx > 0 ? taken_ : 0;
    if (taken + (reader.len - reader.pos) <= reply_bytes_ + kSlack) return;
    too_big_ = true;
    redisAsyncFree(context_);
}

void Poll::cleanup() {
    const redisAsyncContext &context = *context_;
    context_ = nullptr;
    uv_close(reinterpret_cast<uv_handle_t *>(&handle_), [](uv_handle_t *handle) noexcept {
        auto *self = static_cast<Poll *>(handle->data);
        PollOwner &owner = self->owner_;
        delete self;
        owner.on_closed();
    });
    owner_.on_lost(context, too_big_);
}

}  // namespace wse::redis
