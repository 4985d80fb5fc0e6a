// SPDX-License-Identifier: MIT
#include "link.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "reply_text.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kRolePatience = 2000;  // milliseconds

}  // namespace

Link::Link(uv_loop_t *loop, Locator &locator, std::string key, const redis::Limits &limits,
           LinkEvents events)
    : loop_(loop),
      locator_(locator),
      key_(std::move(key)),
      limits_(limits),
      events_(std::move(events)),
      self_(std::make_shared<Link *>(this)),
      random_(static_cast<std::minstd_rand::result_type>(uv_hrtime())),
      timer_(loop, [this] { locate(); }) {
    locate_in(0);
}

void Link::locate() {
    state_ = State::kLocating;
    locator_.locate(
        key_, [self = self_](const std::optional<redis::Url> &at, const std::string &problem) {
            if (!*self) return;
            Link &link = **self;
            const auto located = [&] { return link.located(at, problem), WSE_OK; };
            if (abi::guarded(located) != WSE_OK) link.retry_later();
        });
}

void Link::located(const std::optional<redis::Url> &at, const std::string &problem) {
    if (!at) {
        if (!std::exchange(told_, true)) events_.down(problem);
        return retry_later();
    }
    state_ = State::kConnecting;
    address_ = at->shown();
    redis::Events events;
    events.connected = [this] { ask_role(); };
    events.lost = [this](const std::string &lost) { leave(lost); };
    client_ = std::make_unique<redis::RedisClient>(loop_, *at, limits_, std::move(events));
}

// A replica serves reads, and what one reads there is not what the others write.
void Link::ask_role() {
    client_->send({"ROLE"}, kRolePatience, [this](redis::Failure failure, const redisReply *reply) {
        if (state_ != State::kConnecting) return;
        if (failure != redis::Failure::kNone) return leave("ROLE was not answered in time");
        if (text_at(*reply, 0) == "master") return rose();
        leave(reply->type == REDIS_REPLY_ERROR ? "ROLE was answered " + word_of(*reply)
                                               : "is no master");
    });
}

void Link::rose() {
    state_ = State::kUp;
    attempts_ = 0;
    told_ = false;
    events_.up();
}

void Link::leave(const std::string &problem) {
    if (closing_ || (state_ != State::kConnecting && state_ != State::kUp)) return;
    state_ = State::kLeaving;
    locator_.moved(key_);
    client_->close([this] {
        client_.reset();
        if (closing_) return check_closed();
        retry_later();
    });
    if (!std::exchange(told_, true)) events_.down(problem);
}

void Link::retry_later() {
    state_ = State::kWaiting;
    const uint64_t whole =
        std::min(limits_.first_delay_ms << std::min(attempts_, 16u), limits_.last_delay_ms);
    ++attempts_;
    // Many hosts that lost the same Redis do not come back in one moment.
    const uint64_t delay = whole / 2 + random_() % (whole / 2 + 1);
    locate_in(delay);
}

void Link::locate_in(uint64_t ms) {
    timer_.start(ms);
}

uint64_t Link::send(std::vector<std::string> command, uint64_t timeout_ms, Done done) {
    if (state_ != State::kUp || closing_) return 0;
    return client_->send(
        std::move(command), timeout_ms,
        [this, done = std::move(done)](redis::Failure failure, const redisReply *reply) {
            if (failure == redis::Failure::kCanceled && !closing_)
                failure = redis::Failure::kUnavailable;
            if (!reply || !is_elsewhere(*reply)) return done(failure, reply);
            leave(word_of(*reply));
            done(redis::Failure::kUnavailable, nullptr);
        });
}

void Link::close(std::function<void()> closed) {
    closing_ = true;
    *self_ = nullptr;
    closed_ = std::move(closed);
    if (client_ && state_ != State::kLeaving) {
        state_ = State::kLeaving;
        client_->close([this] {
            client_.reset();
            check_closed();
        });
    }
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this link: nothing is touched after it.
void Link::check_closed() {
    if (!closing_ || timer_open_ || client_) return;
    if (closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
