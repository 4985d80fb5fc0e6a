// SPDX-License-Identifier: MIT
// A lease in Redis that one host has at a time, and keeps as long as it renews it.
#pragma once

#include <uv.h>

#include <functional>
#include <string>

#include "abi/timer.h"
#include "link.h"
#include "refusal.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called.
class Lease {
public:
    // The link is that of the key, and outlives this, as the site does. `changed` is told on the
    // loop.
    Lease(const Site &site, Link &link, std::string key, uint64_t lease_ms,
          std::function<void(bool held)> changed);
    // After `closed` of close().
    ~Lease() = default;
    Lease(const Lease &) = delete;
    Lease &operator=(const Lease &) = delete;

    // Never true on two hosts whose clocks run equally fast. It is false as soon as the lease is
    // over, also before that has been told, for the process may have been paused.
    bool is_held() const;
    // Whether it is to be taken, which it is from the start on. What is held is given back.
    void want(bool wanted);
    // Gives it back, and leaves it to others for so long.
    void rest(uint64_t ms);
    // Gives it back, if that can be said in a moment, and then calls `closed`, not in this call.
    // Nothing is told after this call.
    void close(std::function<void()> closed);

private:
    void renew();
    void answered(redis::Failure failure, const redisReply *reply, uint64_t until);
    void renewed(bool held, uint64_t until);
    void give_back(uint64_t patience_ms);
    void again_after(uint64_t delay_ms);
    void set(bool held);
    void check_closed();

    Link &link_;
    const std::string key_;
    const std::string holder_;
    const uint64_t lease_ms_;
    const std::function<void(bool held)> changed_;
    abi::Timer timer_;
    Refusal refusal_;
    bool wanted_ = true;
    bool held_ = false;   // and this has been told
    uint64_t until_ = 0;  // when it is held
    uint64_t rests_until_ = 0;
    uint64_t round_ = 0;  // of being given back: an answer of an earlier one says nothing
    int under_way_ = 0;   // commands
    bool closing_ = false;
    bool timer_open_ = true;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
