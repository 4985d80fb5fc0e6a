// SPDX-License-Identifier: MIT
// Presence: who is there, by topic and user, over all connections of a user. Says what others are
// to be told. Used by one thread; has no clock of its own.
//
// A user joins a topic with the first connection and leaves it when the grace time after the last
// one is over, so that a page that loads again makes no noise. Until then the user is present with
// no connections. A user has one data per topic: the newest wins.
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
#include <vector>

namespace wse::hub {

class Presence {
public:
    static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

    struct Limits {
        uint64_t grace_ms = 0;           // 0: the last connection's leave is the user's
        uint64_t max_members = 0;        // users of one topic; 0: no limit
        uint64_t max_entries = 100'000;  // of entries()
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
        uint64_t connections = 0;
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

    // The first `limit` users by name.
    Roster roster(std::string_view topic, size_t limit) const;
    // The connections in each topic, and the users in grace.
    size_t entries() const { return entries_; }
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
    struct User {
        std::string data;
        uint64_t connections = 0;
        std::list<Grace>::iterator grace = {};  // while there are no connections
    };
    struct Topic {
        Users users = {};
        uint64_t connections = 0;
    };
    using Joined = std::map<std::string_view, Place>;  // by the name in topics_

    bool has_room(std::string_view topic, std::string_view user) const;
    static Change set_data(const Place &place, std::string_view data);
    Change depart(const Place &place, uint64_t now_ms);
    Change drop(const Place &place);

    const Limits limits_;
    Topics topics_;
    std::map<Connection, Joined> connections_;
    std::list<Grace> grace_;  // soonest deadline first
    size_t entries_ = 0;
};

}  // namespace wse::hub
