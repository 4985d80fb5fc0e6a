// SPDX-License-Identifier: MIT
#include "hosts.h"

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
constexpr const char *kClaim = "30000";

// Renews the lease of ARGV[1] for ARGV[2] milliseconds. Hosts whose lease is over wait in KEYS[2]
// until somebody has cleaned up, who has ARGV[3] milliseconds for it. Gives the live hosts, those
// that are to be cleaned up after, and whether this host is new, and still being removed.
constexpr const char *kRenew = R"(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
for _, h in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. now, 'LIMIT', 0, 16)) do
  if h ~= ARGV[1] then
    redis.call('ZREM', KEYS[1], h)
    redis.call('ZADD', KEYS[2], now, h)
  end
end
local new = redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
local claimed = redis.call('ZSCORE', KEYS[2], ARGV[1])
local leaving = 0
if claimed then
  if tonumber(claimed) <= now then redis.call('ZREM', KEYS[2], ARGV[1]) else leaving = 1 end
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 16)
for _, h in ipairs(gone) do redis.call('ZADD', KEYS[2], now + ARGV[3], h) end
return {redis.call('ZRANGE', KEYS[1], 0, -1), gone, new, leaving}
)";

constexpr const char *kLeave = R"(
local t = redis.call('TIME')
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], t[1] * 1000, ARGV[1])
return 1
)";

std::vector<std::string> texts_of(const redisReply *reply) {
    std::vector<std::string> texts;
    for (size_t i = 0; reply && item_at(*reply, i); ++i) texts.emplace_back(text_at(*reply, i));
    return texts;
}

}  // namespace

Hosts::Hosts(const Site &site, Link &link, uint64_t lease_ms, HostsEvents events)
    : site_(site),
      link_(link),
      lease_ms_(lease_ms),
      events_(std::move(events)),
      refusal_(site, "host-lease"),
      timer_(site.uv, [this] { renew(); }) {
    again_after(0);
}

void Hosts::again_after(uint64_t delay_ms) {
    if (closing_) return;
    timer_.start(delay_ms);
}

void Hosts::renew() {
    const auto done = [this](redis::Failure failure, const redisReply *reply) {
        --under_way_;
        if (closing_) return check_closed();
        const bool answered = failure == redis::Failure::kNone && item_at(*reply, 3);
        const bool refused = failure == redis::Failure::kNone && refusal_.is_refused(*reply);
        again_after(answered || refused ? lease_ms_ / 3 : kRetry);
        if (answered) renewed(*reply);
    };
    const bool sent =
        send_script(link_, kRenew, {site_.key("hosts"), site_.key("leaving")},
                    {site_.host_id, std::to_string(lease_ms_), kClaim}, kPatience, done) != 0;
    if (sent)
        ++under_way_;
    else
        again_after(kRetry);
}

void Hosts::renewed(const redisReply &reply) {
    std::vector<std::string> live = texts_of(item_at(reply, 0));
    std::sort(live.begin(), live.end());
    const bool is_new = number_of(item_at(reply, 2)) == 1;
    const bool leaving = number_of(item_at(reply, 3)) == 1;
    if (std::exchange(known_, true) && is_new) away_ = true;
    if (std::exchange(live_, std::move(live)) != live_) events_.changed();
    for (const std::string &host : texts_of(item_at(reply, 1))) events_.gone(host);
    // What is told before the other has removed everything would be removed with it.
    if (leaving || !std::exchange(away_, false)) return;
    events_.returned();
}

// Where this is lost, the host is cleaned up after once more.
void Hosts::settled(const std::string &host) {
    const uint64_t sent = link_.send({"ZREM", site_.key("leaving"), host}, kPatience,
                                     [this](redis::Failure, const redisReply *) {
                                         --under_way_;
                                         check_closed();
                                     });
    if (sent != 0) ++under_way_;
}

void Hosts::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    const uint64_t sent =
        send_script(link_, kLeave, {site_.key("hosts"), site_.key("leaving")}, {site_.host_id},
                    kFarewell, [this](redis::Failure, const redisReply *) {
                        --under_way_;
                        check_closed();
                    });
    if (sent != 0) ++under_way_;
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void Hosts::check_closed() {
    if (closing_ && !timer_open_ && under_way_ == 0 && closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
