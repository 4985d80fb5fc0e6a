// SPDX-License-Identifier: MIT
#include "redis_client/redis_subscriber.h"

#include <new>
#include <utility>

namespace wse::redis {
namespace {

std::string_view text_of(const redisReply &reply) {
    return reply.type == REDIS_REPLY_STRING ? std::string_view(reply.str, reply.len)
                                            : std::string_view();
}

}  // namespace

RedisSubscriber::RedisSubscriber(uv_loop_t *loop, Url url, const Limits &limits,
                                 std::string pattern, uint64_t probe_ms, SubscriberEvents events)
    : pattern_(std::move(pattern)),
      probe_ms_(probe_ms),
      events_(std::move(events)),
      client_(loop, std::move(url), limits,
              {.connected = [this] { connected(); },
               .lost = [this](const std::string &problem) { lost(problem); },
               .heard = [this](const redisReply &reply) { heard(reply); }}) {
    uv_timer_init(loop, &timer_);
    timer_.data = this;
}

void RedisSubscriber::connected() {
    reached_ = true;
    listening_ = false;
    unanswered_ = 1;
    client_.subscribe(pattern_);
    uv_timer_start(
        &timer_,
        [](uv_timer_t *timer) noexcept {
            auto *self = static_cast<RedisSubscriber *>(timer->data);
            try {
                self->probe();
            } catch (const std::bad_alloc &) {
                self->client_.reconnect();
            }
        },
        probe_ms_, probe_ms_);
}

void RedisSubscriber::lost(const std::string &problem) {
    listening_ = false;
    if (closing_) return;
    uv_timer_stop(&timer_);
    events_.lost(problem);
    reached_ = false;
}

void RedisSubscriber::heard(const redisReply &reply) {
    unanswered_ = 0;
    if (closing_ || reply.type != REDIS_REPLY_ARRAY) return;
    if (reply.elements == 4)
        return events_.message(text_of(*reply.element[2]), text_of(*reply.element[3]));
    if (!std::exchange(listening_, true)) events_.listening();
}

void RedisSubscriber::probe() {
    // One is not enough: after a pause of our own the timer is heard before the answer is.
    if (unanswered_ >= 2) return client_.reconnect();
    ++unanswered_;
    client_.subscribe(pattern_);
}

void RedisSubscriber::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    uv_close(reinterpret_cast<uv_handle_t *>(&timer_), [](uv_handle_t *timer) noexcept {
        static_cast<RedisSubscriber *>(timer->data)->check_closed();
    });
    client_.close([this] { check_closed(); });
}

// `closed` may destroy this subscriber: nothing is touched after it.
void RedisSubscriber::check_closed() {
    if (--open_ == 0) std::exchange(closed_, nullptr)();
}

}  // namespace wse::redis
