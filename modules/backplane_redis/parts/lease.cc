// SPDX-License-Identifier: MIT
#include "lease.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "reply_text.h"
#include "script.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kRetry = 300;  // milliseconds
constexpr uint64_t kPatience = 2000;
constexpr uint64_t kFarewell = 500;

// Takes or renews the lease KEYS[1] for ARGV[1] and ARGV[2] milliseconds: 1, or 0 when another one
// has it.
constexpr const char *kRenew = R"(
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)";

constexpr const char *kGiveBack = R"(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)";

// Milliseconds. The loop's own clock stands still while the loop does something.
uint64_t clock_now() {
    return uv_hrtime() / 1'000'000;
}

}  // namespace

Lease::Lease(const Site &site, Link &link, std::string key, uint64_t lease_ms,
             std::function<void(bool held)> changed)
    : link_(link),
      key_(std::move(key)),
      holder_(site.host_id),
      lease_ms_(lease_ms),
      changed_(std::move(changed)),
      timer_(site.uv, [this] { renew(); }),
      refusal_(site, "lease") {
    again_after(0);
}

bool Lease::is_held() const {
    return held_ && clock_now() < until_;
}

// Also when a lease that could not be renewed is over.
void Lease::again_after(uint64_t delay_ms) {
    if (closing_) return;
    if (held_) {
        const uint64_t now = clock_now();
        delay_ms = std::min(delay_ms, until_ > now ? until_ - now : 0);
    }
    timer_.start(delay_ms);
}

void Lease::renew() {
    const uint64_t now = clock_now();
    if (held_ && now >= until_) set(false);
    again_after(kRetry);
    if (under_way_ > 0 || !wanted_ || now < rests_until_) return;
    // It counts from before the question: Redis begins later, and ends later.
    const uint64_t until = now + lease_ms_;
    const uint64_t sent =
        send_script(link_, kRenew, {key_}, {holder_, std::to_string(lease_ms_)}, kPatience,
                    [this, until, round = round_](redis::Failure failure, const redisReply *reply) {
                        --under_way_;
                        if (closing_) return check_closed();
                        if (round == round_) answered(failure, reply, until);
                    });
    if (sent != 0) ++under_way_;
}

void Lease::answered(redis::Failure failure, const redisReply *reply, uint64_t until) {
    if (failure != redis::Failure::kNone) return again_after(kRetry);
    if (refusal_.is_refused(*reply)) return again_after(lease_ms_ / 3);
    renewed(reply->type == REDIS_REPLY_INTEGER && reply->integer == 1, until);
}

// One that was over when it was renewed is another one: a third host may have had it between.
void Lease::renewed(bool held, uint64_t until) {
    const uint64_t now = clock_now();
    if (now >= until_) set(false);
    until_ = until;
    set(held && now < until);
    again_after(lease_ms_ / 3);
}

void Lease::set(bool held) {
    if (std::exchange(held_, held) != held) changed_(held);
}

void Lease::want(bool wanted) {
    if (std::exchange(wanted_, wanted) == wanted || closing_) return;
    if (wanted) return again_after(0);
    give_back(kPatience);
    set(false);
}

void Lease::rest(uint64_t ms) {
    rests_until_ = clock_now() + ms;
    give_back(kPatience);
    set(false);
}

// Also when it has been asked for and is not known to be held.
void Lease::give_back(uint64_t patience_ms) {
    if (!held_ && under_way_ == 0) return;
    ++round_;
    const uint64_t sent = send_script(link_, kGiveBack, {key_}, {holder_}, patience_ms,
                                      [this](redis::Failure, const redisReply *) {
                                          --under_way_;
                                          check_closed();
                                      });
    if (sent != 0) ++under_way_;
}

void Lease::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    give_back(kFarewell);
    held_ = false;
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void Lease::check_closed() {
    if (closing_ && !timer_open_ && under_way_ == 0 && closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
