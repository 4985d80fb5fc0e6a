// SPDX-License-Identifier: MIT
// The hosts that are there: each has a lease in Redis, by the clock of Redis, and renews it. One
// whose lease is over is cleaned up after by one of the others.
#pragma once

#include <uv.h>

#include <functional>
#include <string>
#include <vector>

#include "abi/timer.h"
#include "link.h"
#include "refusal.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// Told on the loop.
struct HostsEvents {
    // What that host left is for this host to remove; settled() when it is done. If that does not
    // come in half a minute a host is told once more, this one or another: removing is repeatable.
    std::function<void(const std::string &host)> gone;
    // This host was taken for gone, and what it had left has been removed: its facts hold again
    // when they are told again.
    std::function<void()> returned;
    // live() is another one.
    std::function<void()> changed;
};

// One loop, from which everything is called.
class Hosts {
public:
    // The link is that of site.key(""), and outlives this.
    Hosts(const Site &site, Link &link, uint64_t lease_ms, HostsEvents events);
    // After `closed` of close().
    ~Hosts() = default;
    Hosts(const Hosts &) = delete;
    Hosts &operator=(const Hosts &) = delete;

    // As of the last time that Redis answered, this host among them; empty before the first.
    const std::vector<std::string> &live() const { return live_; }
    void settled(const std::string &host);
    // Ends the lease, if that can be said in a moment, and then calls `closed`, not in this call.
    void close(std::function<void()> closed);

private:
    void renew();
    void renewed(const redisReply &reply);
    void again_after(uint64_t delay_ms);
    void check_closed();

    const Site &site_;
    Link &link_;
    const uint64_t lease_ms_;
    const HostsEvents events_;
    Refusal refusal_;
    std::vector<std::string> live_;
    abi::Timer timer_;
    bool known_ = false;  // Redis has had this host once
    bool away_ = false;   // and takes it for gone
    bool closing_ = false;
    int under_way_ = 0;  // commands
    bool timer_open_ = true;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
