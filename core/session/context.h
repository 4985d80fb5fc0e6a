// SPDX-License-Identifier: MIT
// What the sessions of one connection loop share, and the seams around them.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/json_scan.h"
#include "config/settings.h"
#include "hub/hub.h"
#include "loop/timer_wheel.h"
#include "module/auth.h"
#include "session/fanout.h"

namespace wse::session {

class Session;

// The way to the hub. [loop] Answers come back as Session::on_subscribed and on_published.
class HubLink {
public:
    virtual ~HubLink() = default;
    // False: the hub's inbox is full; no answer will come.
    virtual bool publish(hub::Publish command) = 0;
    virtual void subscribe(hub::Subscribe command) = 0;
    virtual void unsubscribe(hub::Unsubscribe command) = 0;
};

// What one loop has of a generation: the settings and its ways to ask modules. A session holds the
// generation it runs under, which thereby lives as long as somebody needs it.
struct Generation {
    std::shared_ptr<const config::Settings> settings;
    std::vector<module::Authenticator *> authenticators;  // by listener; null: anonymous only
};
using GenerationRef = std::shared_ptr<const Generation>;

// One per connection loop; outlives its sessions. [loop]
struct Context {
    Context(hub::LoopIndex index, const Clock &time, TimerWheel &wheel, Counters &counts,
            HubLink &link)
        : loop(index), clock(time), timers(wheel), counters(counts), hub(link) {}

    const hub::LoopIndex loop;
    const Clock &clock;
    TimerWheel &timers;
    Counters &counters;
    HubLink &hub;
    Fanout fanout;
    std::unordered_map<uint64_t, Session *> sessions;  // by serial, which is never used again
    uint64_t last_serial = 0;
    bool draining = false;
    std::vector<JsonMember> scratch;  // for parsing, reused from message to message

    // The loop's share of what the hub does. An answer for a session that is gone, or that no
    // longer wants what it asked for, is undone at the hub.
    void on_subscribed(const hub::Origin &origin, const std::vector<hub::SubscribedTopic> &topics);
    void on_published(const hub::Origin &origin, const Result<proto::Position> &position);
};

}  // namespace wse::session
