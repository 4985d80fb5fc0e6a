// SPDX-License-Identifier: MIT
// Presence: who is there, by topic and user, over all connections of a user. Says what others are
// to be told. Used by one thread; has no clock of its own.
//
// A user joins a topic with the first connection and leaves it when the grace time after the last
// one is over, so that a page that loads again makes no noise. Until then the user is present with
// no connections. A user has one data per topic: the newest wins. Other hosts tell which users they
// have; a user is present as long as any host has it. What a host had that is gone is in grace,
// too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace wse::hub {

class Presence {
public:
    static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

    struct Limits {
        uint64_t grace_ms = 0;           // 0: the last connection's leave is the user's
        uint64_t max_members = 0;        // users of one topic; 0: no limit
        uint64_t max_entries = 100'000;  // of entries(), and of remote_entries()
    };
    struct Connection {
        uint32_t loop = 0;
        uint64_t session = 0;
        friend bool operator<(const Connection &a, const Connection &b) {
            return std::tie(a.loop, a.session) < std::tie(b.loop, b.session);
        }
    };

    enum class Kind : uint8_t { kNone, kJoin, kLeave, kUpdate, kRefused };
    // kNone and kRefused say nothing more.
    struct Change {
        Kind kind = Kind::kNone;
        std::string topic = {};
        std::string user = {};
        std::string data = {};  // JSON; with a leave, the last one
    };

    struct Row {
        std::string user;
        std::string data;
        uint64_t connections = 0;  // each other host counts as one
    };
    // A user on another host.
    struct Remote {
        std::string_view topic, user, host;
    };
    // A user here; with a change, empty data: not any more.
    struct Local {
        std::string topic, user, data;
    };
    struct Roster {
        std::vector<Row> rows = {};
        uint64_t users = 0;  // of the whole topic, with those in grace
        uint64_t connections = 0;
    };

    explicit Presence(const Limits &limits) : limits_(limits) {}
    Presence(const Presence &) = delete;
    Presence &operator=(const Presence &) = delete;

    // kUpdate: the user was present, and the data is another. kRefused: a limit, or the connection
    // is there as another user; nothing has changed.
    Change join(std::string_view topic, std::string_view user, const Connection &connection,
                std::string_view data);
    // kNone when the user stays, or the connection was not there.
    Change leave(std::string_view topic, const Connection &connection, uint64_t now_ms);
    // From all its topics: what a closed connection needs. The leaves.
    std::vector<Change> leave_all(const Connection &connection, uint64_t now_ms);
    // In one topic, or in all that the connection has joined. The updates: where the data is new.
    std::vector<Change> update(const Connection &connection, std::string_view data,
                               std::optional<std::string_view> topic = std::nullopt);
    // The leaves of those whose grace time is over.
    std::vector<Change> expire(uint64_t now_ms);
    // When expire() has something to do next; kNever: nobody is in grace.
    uint64_t next_expiry() const;

    // The same of another host's users; the changes are what is to be told here.
    Change join_remote(const Remote &who, std::string_view data);
    Change leave_remote(const Remote &who);
    // Of all that another host has, on that topic; an empty name is any. A host that is named is
    // gone, and its users have their grace time to come to another one.
    std::vector<Change> leave_remotes(std::string_view topic, std::string_view host,
                                      uint64_t now_ms);
    // Who is not told of again by join_remote() leaves with drop_doubted(); so that what is told
    // anew makes no noise.
    void doubt_remotes(std::string_view topic);
    std::vector<Change> drop_doubted(std::string_view topic);

    // What others are to be told of this host's users: those of a topic, and, while it is recorded,
    // what has changed since it was last asked.
    std::vector<Local> local(std::string_view topic) const;
    bool has_local(std::string_view topic) const;
    void set_recording(bool recording) { recording_ = recording; }
    std::vector<Local> take_local_changes() { return std::exchange(local_changes_, {}); }

    // The joins and leaves of this host's own users alone, while they are recorded: each other host
    // has its own.
    void record_moves(bool recording) { recording_moves_ = recording; }
    std::vector<Change> take_moves() { return std::exchange(moves_, {}); }

    // The first `limit` users by name.
    Roster roster(std::string_view topic, size_t limit) const;
    // The connections in each topic, and the users in grace.
    size_t entries() const { return entries_; }
    // The users that other hosts have, by host.
    size_t remote_entries() const { return remote_entries_; }
    size_t topic_count() const { return topics_.size(); }
    size_t connection_count() const { return connections_.size(); }

private:
    struct User;
    struct Topic;
    using Users = std::map<std::string, User, std::less<>>;
    using Topics = std::map<std::string, Topic, std::less<>>;
    struct Place {
        Topics::iterator topic;
        Users::iterator user;
    };
    struct Grace {
        uint64_t deadline_ms;
        Place place;
    };
    // A user of another host.
    struct Elsewhere {
        bool doubted = false;
        uint64_t leaves_at_ms = 0;  // 0: its host is there
    };
    using Hosts = std::map<std::string, Elsewhere, std::less<>>;
    struct RemoteGrace {
        uint64_t deadline_ms;
        std::string topic, user, host;
    };
    struct User {
        std::string data;
        uint64_t connections = 0;
        bool in_grace = false;  // only without connections
        std::list<Grace>::iterator grace = {};
        Hosts hosts = {};  // others that have it

        bool is_local() const { return connections > 0 || in_grace; }
    };
    struct Topic {
        Users users = {};
        uint64_t connections = 0;
    };
    using Joined = std::map<std::string_view, Place>;  // by the name in topics_

    bool has_room(std::string_view topic, std::string_view user) const;
    bool knows(const Remote &who) const;
    Change drop(const RemoteGrace &late);
    std::pair<Topics::iterator, Topics::iterator> range_of(std::string_view topic);
    void begin_grace(std::string_view topic, std::string_view host, uint64_t deadline_ms);
    static uint64_t hosts_of(const User &user);
    static Change set_data(const Place &place, std::string_view data);
    Change set_local_data(const Place &place, std::string_view data);
    void record(const Place &place, std::string_view data);
    void record_move(Kind kind, const Place &place, std::string_view data);
    Change depart(const Place &place, uint64_t now_ms);
    Change drop(const Place &place);
    Change erase_if_gone(const Place &place);
    template <class Leaves>
    std::vector<Change> erase_hosts(std::string_view topic, Leaves leaves);

    const Limits limits_;
    Topics topics_;
    std::map<Connection, Joined> connections_;
    std::list<Grace> grace_;               // soonest deadline first
    std::list<RemoteGrace> remote_grace_;  // likewise
    size_t entries_ = 0;
    size_t remote_entries_ = 0;
    bool recording_ = false;
    std::vector<Local> local_changes_;
    bool recording_moves_ = false;
    std::vector<Change> moves_;
};

}  // namespace wse::hub
