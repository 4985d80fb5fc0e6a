// SPDX-License-Identifier: MIT
// What a client may send, and what becomes of one that goes on over it.
#include "session/rates.h"

#include "net/connection_limits.h"
#include "proto/codes.h"
#include "session/session.h"
#include "session/shared.h"

namespace wse::session {
namespace {

constexpr uint64_t kFeedbackEveryMs = 1000;          // rate limit messages to one client
constexpr uint64_t kFarOver = 10;                    // times the capacity that may be refused
constexpr size_t kUnpackedBytes = size_t{16} << 10;  // that one token is good for

}  // namespace

// Once its user is known.
void Session::share_rates() {
    if (!context_.shared) return;
    const uint64_t now = context_.timers.now_ms();
    user_rate_ = context_.shared->by_user.share(identity_.user, now);
    if (context_.shared->by_address.limits())
        address_rate_ =
            context_.shared->by_address.share(net::address_name(connection_.peer().ip), now);
}

bool Session::take_rate(uint64_t count) {
    const uint64_t now = context_.timers.now_ms();
    if (!rate_.take(now, SharedRates::affordable(count, rate_.capacity()))) return false;
    if (user_rate_ && !user_rate_->take(now, count)) {
        context_.counters.add(Counter::rate_limited_user);
        return false;
    }
    if (address_rate_ && !address_rate_->take(now, count)) {
        context_.counters.add(Counter::rate_limited_ip);
        return false;
    }
    return true;
}

bool Session::within_rate(uint64_t count) {
    const uint64_t now = context_.timers.now_ms();
    if (!take_rate(count)) {
        context_.counters.add(Counter::rate_limited);
        if (now - rate_refused_ms_ >= kFeedbackEveryMs) {
            rate_refused_ms_ = now;
            send_error({.code = proto::error::kRateLimited,
                        .text = "too many messages; slow down",
                        .retry_after = true});
        }
        count_excess();
        return false;
    }
    if (rate_.left() < rate_.capacity() / 5 && now - rate_warned_ms_ >= kFeedbackEveryMs) {
        rate_warned_ms_ = now;
        send(proto::rate_limit_warning(rate_.left(), rate_.capacity()));
    }
    return true;
}

// A small message may unpack to a large one, which costs as much to read as many do. The first part
// has been counted when it came.
bool Session::within_unpacked_rate(size_t bytes) {
    return bytes <= kUnpackedBytes || within_rate((bytes - 1) / kUnpackedBytes);
}

// A client that sends a little too much is told; one that goes on as if it did not listen costs
// everybody.
void Session::count_excess() {
    const uint64_t now = context_.timers.now_ms();
    const auto &limits = settings().limits;
    if (!excess_)
        excess_ =
            std::make_unique<TokenBucket>(kFarOver * limits.rate_capacity, limits.rate_refill, now);
    if (excess_->take(now) || state_ == State::kClosed) return;
    context_.counters.add(Counter::rate_closed);
    close(proto::close::kFlood, "too many messages");
}

bool Session::within_ping_rate() {
    const auto verdict = pings_.count(settings().limits.ping_rate, context_.timers.now_ms());
    if (verdict == PingRate::Verdict::kAnswer) return true;
    context_.counters.add(Counter::pings_over_rate);
    if (verdict == PingRate::Verdict::kClose && state_ != State::kClosed) {
        context_.counters.add(Counter::rate_closed);
        close(proto::close::kFlood, "too many pings");
    }
    return false;
}

void Session::on_control() {
    (void)within_ping_rate();
}

}  // namespace wse::session
