// SPDX-License-Identifier: MIT
#include "hub/presence.h"

#include <iterator>
#include <tuple>
#include <utility>

namespace wse::hub {

Presence::Change Presence::join(std::string_view topic, std::string_view user,
                                const Connection &connection, std::string_view data) {
    if (const auto known = connections_.find(connection); known != connections_.end()) {
        if (const auto found = known->second.find(topic); found != known->second.end()) {
            const Place &place = found->second;
            if (place.user->first != user) return {Kind::kRefused};
            return set_data(place, data);
        }
    }
    if (!has_room(topic, user)) return {Kind::kRefused};

    Place place;
    place.topic = topics_.try_emplace(std::string(topic)).first;
    Topic &joined = place.topic->second;
    bool is_new = false;
    std::tie(place.user, is_new) = joined.users.try_emplace(std::string(user));
    User &present = place.user->second;
    connections_[connection].emplace(place.topic->first, place);
    ++joined.connections;
    if (++present.connections > 1 || is_new) {
        ++entries_;
    } else {
        grace_.erase(present.grace);
    }
    if (!is_new) return set_data(place, data);
    present.data = data;
    return {Kind::kJoin, place.topic->first, place.user->first, present.data};
}

bool Presence::has_room(std::string_view topic, std::string_view user) const {
    const bool full = entries_ >= limits_.max_entries;
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return !full;
    const Users &users = found->second.users;
    if (const auto present = users.find(user); present != users.end())
        return !full || present->second.connections == 0;
    return !full && (limits_.max_members == 0 || users.size() < limits_.max_members);
}

Presence::Change Presence::set_data(const Place &place, std::string_view data) {
    User &user = place.user->second;
    if (user.data == data) return {};
    user.data = data;
    return {Kind::kUpdate, place.topic->first, place.user->first, user.data};
}

Presence::Change Presence::leave(std::string_view topic, const Connection &connection,
                                 uint64_t now_ms) {
    const auto known = connections_.find(connection);
    if (known == connections_.end()) return {};
    Joined &joined = known->second;
    const auto found = joined.find(topic);
    if (found == joined.end()) return {};
    const Place place = found->second;
    joined.erase(found);
    if (joined.empty()) connections_.erase(known);
    return depart(place, now_ms);
}

std::vector<Presence::Change> Presence::leave_all(const Connection &connection, uint64_t now_ms) {
    std::vector<Change> changes;
    const auto node = connections_.extract(connection);
    if (node.empty()) return changes;
    for (const auto &[topic, place] : node.mapped()) {
        Change change = depart(place, now_ms);
        if (change.kind != Kind::kNone) changes.push_back(std::move(change));
    }
    return changes;
}

std::vector<Presence::Change> Presence::update(const Connection &connection, std::string_view data,
                                               std::optional<std::string_view> topic) {
    std::vector<Change> changes;
    const auto known = connections_.find(connection);
    if (known == connections_.end()) return changes;
    const Joined &joined = known->second;
    auto place = topic ? joined.find(*topic) : joined.begin();
    const auto end = topic && place != joined.end() ? std::next(place) : joined.end();
    for (; place != end; ++place) {
        Change change = set_data(place->second, data);
        if (change.kind != Kind::kNone) changes.push_back(std::move(change));
    }
    return changes;
}

std::vector<Presence::Change> Presence::expire(uint64_t now_ms) {
    std::vector<Change> changes;
    while (next_expiry() <= now_ms) {
        const Place place = grace_.front().place;
        grace_.pop_front();
        changes.push_back(drop(place));
    }
    return changes;
}

uint64_t Presence::next_expiry() const {
    return grace_.empty() ? kNever : grace_.front().deadline_ms;
}

Presence::Roster Presence::roster(std::string_view topic, size_t limit) const {
    Roster roster;
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return roster;
    roster.users = found->second.users.size();
    roster.connections = found->second.connections;
    for (const auto &[name, user] : found->second.users) {
        if (roster.rows.size() >= limit) break;
        roster.rows.push_back({name, user.data, user.connections});
    }
    return roster;
}

// Takes one connection away.
Presence::Change Presence::depart(const Place &place, uint64_t now_ms) {
    User &user = place.user->second;
    --place.topic->second.connections;
    if (--user.connections > 0) {
        --entries_;
        return {};
    }
    if (limits_.grace_ms == 0) return drop(place);
    // Everybody has the same grace, so who leaves last is due last.
    user.grace = grace_.insert(grace_.end(), {now_ms + limits_.grace_ms, place});
    return {};
}

// Takes a user away who has no connections.
Presence::Change Presence::drop(const Place &place) {
    Change change{Kind::kLeave, place.topic->first, place.user->first,
                  std::move(place.user->second.data)};
    Users &users = place.topic->second.users;
    users.erase(place.user);
    if (users.empty()) topics_.erase(place.topic);
    --entries_;
    return change;
}

}  // namespace wse::hub
