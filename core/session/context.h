// SPDX-License-Identifier: MIT
// What the sessions of one connection loop share, and the seams around them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/json_scan.h"
#include "config/settings.h"
#include "hub/commands.h"
#include "loop/timer_wheel.h"
#include "module/auth.h"
#include "module/observation.h"
#include "session/extension.h"
#include "session/fanout.h"
#include "session/filter_table.h"
#include "session/frame_cache.h"
#include "session/publish_entry.h"
#include "session/snapshot_link.h"
#include "session/wire.h"

namespace wse::session {

class AppLink;
class Session;
struct Revocation;
struct Shared;

// The way to the hub. [loop] Answers come back through the functions of Context.
class HubLink {
public:
    virtual ~HubLink() = default;
    // False: the hub's inbox is full; no answer will come.
    virtual bool publish(hub::Publish command) = 0;
    virtual void subscribe(hub::Subscribe command) = 0;
    virtual void unsubscribe(hub::Unsubscribe command) = 0;
    virtual void replay(hub::Replay command) = 0;
    virtual void sync(hub::Sync command) = 0;
    virtual void update_presence(hub::UpdatePresence command) = 0;
    virtual void give_back(hub::GiveBack command) = 0;
    virtual void group_ready(hub::GroupReady command) = 0;
};

// What one loop has of a generation: the settings and its ways to ask modules. A session holds the
// generation it runs under, which thereby lives as long as somebody needs it.
struct Generation {
    std::shared_ptr<const config::Settings> settings;
    std::vector<module::Authenticator *> authenticators;  // by listener; null: anonymous only
    Shapers shapers = {};
    std::unique_ptr<FilterTable> filters = {};  // null: no module offers any
    Transforms transforms = {};
    // By the name that listeners give as `extension`.
    std::map<std::string, std::unique_ptr<ExtensionDesk>, std::less<>> extensions = {};
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
    SnapshotLink *snapshots = nullptr;  // null: no topic has a state in a module
    AppLink *apps = nullptr;            // null: there is no application
    Fanout fanout;
    FrameCache replayed_frames;
    VariantCache variants;
    std::unordered_map<uint64_t, Session *> sessions;  // by serial, which is never used again
    // Open ones with a user, by his name, which lives in the session.
    std::unordered_multimap<std::string_view, Session *> users;
    uint64_t last_serial = 0;
    bool draining = false;
    Shared *shared = nullptr;                      // with the other loops; null: nothing is shared
    module::Observations *observations = nullptr;  // null: nobody listens
    bool observes(uint32_t event) const { return observations && observations->wants(event); }
    std::vector<JsonMember> scratch;  // for parsing, reused from message to message

    // The loop's share of what the hub does. An answer for a session that is gone, or that no
    // longer wants what it asked for, is undone at the hub.
    void on_message(const proto::MessageRef &message) { fanout.deliver(message); }
    void on_member(uint64_t session, const std::string &group, const proto::MessageRef &message);
    void on_notice(const hub::Notice &notice) {
        fanout.notify(notice.topic, notice.text, notice.tells_place);
    }
    void on_subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics);
    void on_replayed(const hub::Origin &origin, const hub::Replayed &part);
    void on_synced(const hub::Origin &origin, const hub::Synced &state);
    void on_snapshot(const SnapshotDelivery &delivery);
    void on_published(const hub::Origin &origin, const Result<proto::Position> &position);

    Session *find(uint64_t serial) const;
};

}  // namespace wse::session
