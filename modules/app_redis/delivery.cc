// SPDX-License-Identifier: MIT
#include "delivery.h"

#include <cstdio>
#include <random>
#include <utility>

#include "abi/module_class.h"
#include "reply.h"

namespace wse::app_redis {
namespace {

constexpr uint64_t kPauseMs = 200;  // before a write that failed is tried again on a connection

// random_device is the kernel's randomness here: two runs must not have the same epoch.
std::string new_epoch() {
    std::random_device device;
    char text[17];
    std::snprintf(text, sizeof text, "%08x%08x", device(), device());
    return text;
}

uv_loop_t *loop_of(const Context &context, wse_loop *loop) {
    return static_cast<uv_loop_t *>(context.host->uv(context.host, loop));
}

}  // namespace

Delivery::Delivery(const Context &context, wse_loop *loop)
    : context_(context),
      loop_(loop),
      writer_(context.config, new_epoch()),
      timer_(loop_of(context, loop), [this] { write(); }),
      client_(loop_of(context, loop), context.url, redis::Limits(), events()) {}

redis::Events Delivery::events() {
    redis::Events events;
    events.connected = [this] { connected(); };
    events.lost = [this](const std::string &problem) { lost(problem); };
    return events;
}

int32_t Delivery::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    if (stopped_ || token_) return WSE_EAGAIN;
    writer_.write(events, count, writes_);
    token_ = token;
    // Not from here, where a failure for want of memory would have to take everything back.
    timer_.start(0);
    return WSE_OK;
}

void Delivery::connected() {
    up_ = true;
    context_.log(WSE_LOG_INFO, "redis.connected url=" + context_.url.shown());
    make_groups();
    timer_.start(0);
}

void Delivery::lost(const std::string &problem) {
    up_ = false;
    context_.log(WSE_LOG_ERROR, "redis.lost url=" + context_.url.shown() +
                                    " effect=\"events wait\" problem=\"" + problem + '"');
}

// On every connection: a Redis that comes back may have lost them. From the first entry on, so that
// nothing is missed by who reads the group later.
void Delivery::make_groups() {
    const wse_strings &groups = context_.config.groups;
    for (uint64_t i = 0; i < groups.count; ++i) {
        send({"XGROUP", "CREATE", context_.config.stream, groups.items[i], "0", "MKSTREAM"},
             [this](redis::Failure failure, const redisReply *reply) {
                 const std::string problem = problem_of("XGROUP", failure, reply);
                 if (failure != redis::Failure::kNone || problem.empty() ||
                     is_error(reply, "BUSYGROUP"))
                     return;
                 context_.log(WSE_LOG_ERROR, "group.failed url=" + context_.url.shown() +
                                                 " problem=\"" + problem + '"');
             });
    }
}

bool Delivery::send(std::vector<std::string> command, redis::RedisClient::Done done) {
    const auto timeout = static_cast<uint64_t>(context_.config.timeout_ms);
    return client_.send(std::move(command), timeout, std::move(done)) != 0;
}

void Delivery::write() {
    if (stopped_ || writing_ || !token_) return;
    if (writes_.empty()) return next();
    if (!up_) return;
    writing_ =
        send(writes_.front().command, [this](redis::Failure failure, const redisReply *reply) {
            writing_ = false;
            if (stopped_) return;
            const auto taken = [&] { return written(failure, reply), WSE_OK; };
            if (abi::guarded(taken) != WSE_OK) timer_.start(kPauseMs);
        });
    if (!writing_) timer_.start(kPauseMs);
}

void Delivery::written(redis::Failure failure, const redisReply *reply) {
    const std::string problem = problem_of("XADD", failure, reply);
    if (!problem.empty()) return retry(problem);
    if (std::exchange(troubled_, false))
        context_.log(WSE_LOG_INFO, "delivery.resumed url=" + context_.url.shown());
    context_.count(kWrites);
    context_.count(kDelivered, writes_.front().events);
    writes_.pop_front();
    next();
}

// Told once, however often it is tried; a lost connection has been told already.
void Delivery::retry(const std::string &problem) {
    context_.count(kRetried);
    if (up_ && !std::exchange(troubled_, true))
        context_.log(WSE_LOG_ERROR, "delivery.failed url=" + context_.url.shown() +
                                        " effect=\"events wait\" problem=\"" + problem + '"');
    timer_.start(kPauseMs);
}

// The next write, or the end of the batch.
void Delivery::next() {
    if (!writes_.empty()) {
        context_.host->batch_progress(context_.host, loop_, token_);
        return timer_.start(0);
    }
    context_.host->batch_done(context_.host, std::exchange(token_, nullptr));
}

void Delivery::stop(std::function<void()> closed) {
    stopped_ = true;
    uint64_t lost = 0;
    for (const Write &write : writes_) lost += write.events;
    writes_.clear();
    if (lost > 0) {
        context_.count(kLost, lost);
        context_.log(WSE_LOG_WARN, "events.lost url=" + context_.url.shown() + " events=" +
                                       std::to_string(lost) + " problem=\"the server stops\"");
    }
    if (token_) context_.host->batch_done(context_.host, std::exchange(token_, nullptr));
    open_ = 2;
    const auto one_less = [this, closed = std::move(closed)] {
        if (--open_ == 0) closed();
    };
    timer_.close(one_less);
    client_.close(one_less);
}

}  // namespace wse::app_redis
