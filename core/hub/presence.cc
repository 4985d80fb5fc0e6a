// SPDX-License-Identifier: MIT
#include "hub/presence.h"

#include <algorithm>
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
            return set_local_data(place, data);
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
    if (!present.is_local()) {
        record(place, data);
        record_move(Kind::kJoin, place, data);
    }
    ++present.connections;
    if (std::exchange(present.in_grace, false)) {
        grace_.erase(present.grace);
    } else {
        ++entries_;
    }
    if (!is_new) return set_local_data(place, data);
    present.data = data;
    return {Kind::kJoin, place.topic->first, place.user->first, present.data};
}

bool Presence::has_room(std::string_view topic, std::string_view user) const {
    const bool full = entries_ >= limits_.max_entries;
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return !full;
    const Users &users = found->second.users;
    if (const auto present = users.find(user); present != users.end())
        return !full || present->second.in_grace;
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

Presence::Change Presence::set_local_data(const Place &place, std::string_view data) {
    Change change = set_data(place, data);
    if (change.kind != Kind::kNone) record(place, data);
    return change;
}

void Presence::record(const Place &place, std::string_view data) {
    if (recording_)
        local_changes_.push_back({place.topic->first, place.user->first, std::string(data)});
}

void Presence::record_move(Kind kind, const Place &place, std::string_view data) {
    if (recording_moves_)
        moves_.push_back({kind, place.topic->first, place.user->first, std::string(data)});
}

// … of which none is here any more.
Presence::Change Presence::erase_if_gone(const Place &place) {
    const User &user = place.user->second;
    if (user.is_local() || !user.hosts.empty()) return {};
    Change change{Kind::kLeave, place.topic->first, place.user->first, user.data};
    Users &users = place.topic->second.users;
    users.erase(place.user);
    if (users.empty()) topics_.erase(place.topic);
    return change;
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
        Change change = set_local_data(place->second, data);
        if (change.kind != Kind::kNone) changes.push_back(std::move(change));
    }
    return changes;
}

std::vector<Presence::Change> Presence::expire(uint64_t now_ms) {
    std::vector<Change> changes;
    while (!grace_.empty() && grace_.front().deadline_ms <= now_ms) {
        const Place place = grace_.front().place;
        grace_.pop_front();
        if (Change change = drop(place); change.kind != Kind::kNone)
            changes.push_back(std::move(change));
    }
    while (!remote_grace_.empty() && remote_grace_.front().deadline_ms <= now_ms) {
        const RemoteGrace late = std::move(remote_grace_.front());
        remote_grace_.pop_front();
        if (Change change = drop(late); change.kind != Kind::kNone)
            changes.push_back(std::move(change));
    }
    return changes;
}

uint64_t Presence::next_expiry() const {
    const uint64_t here_ms = grace_.empty() ? kNever : grace_.front().deadline_ms;
    const uint64_t there_ms = remote_grace_.empty() ? kNever : remote_grace_.front().deadline_ms;
    return std::min(here_ms, there_ms);
}

Presence::Roster Presence::roster(std::string_view topic, size_t limit) const {
    Roster roster;
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return roster;
    roster.users = found->second.users.size();
    roster.connections = found->second.connections;
    for (const auto &[name, user] : found->second.users) {
        if (roster.rows.size() >= limit) break;
        roster.rows.push_back({name, user.data, user.connections + hosts_of(user)});
    }
    return roster;
}

// Without those that are gone.
uint64_t Presence::hosts_of(const User &user) {
    return static_cast<uint64_t>(
        std::count_if(user.hosts.begin(), user.hosts.end(),
                      [](const auto &entry) { return entry.second.leaves_at_ms == 0; }));
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
    user.in_grace = true;
    user.grace = grace_.insert(grace_.end(), {now_ms + limits_.grace_ms, place});
    return {};
}

// Takes a user away who has no connections here.
Presence::Change Presence::drop(const Place &place) {
    place.user->second.in_grace = false;
    --entries_;
    record(place, {});
    record_move(Kind::kLeave, place, place.user->second.data);
    return erase_if_gone(place);
}

// A user of a host that is gone, and did not come back to it.
Presence::Change Presence::drop(const RemoteGrace &late) {
    const auto topic = topics_.find(late.topic);
    if (topic == topics_.end()) return {};
    const auto user = topic->second.users.find(late.user);
    if (user == topic->second.users.end()) return {};
    const auto host = user->second.hosts.find(late.host);
    if (host == user->second.hosts.end() || host->second.leaves_at_ms != late.deadline_ms)
        return {};
    user->second.hosts.erase(host);
    --remote_entries_;
    return erase_if_gone({topic, user});
}

bool Presence::knows(const Remote &who) const {
    const auto topic = topics_.find(who.topic);
    if (topic == topics_.end()) return false;
    const auto user = topic->second.users.find(who.user);
    return user != topic->second.users.end() && user->second.hosts.contains(who.host);
}

Presence::Change Presence::join_remote(const Remote &who, std::string_view data) {
    if (remote_entries_ >= limits_.max_entries && !knows(who)) return {Kind::kRefused};
    Place place;
    place.topic = topics_.try_emplace(std::string(who.topic)).first;
    bool is_new = false;
    std::tie(place.user, is_new) = place.topic->second.users.try_emplace(std::string(who.user));
    User &user = place.user->second;
    const auto [host, is_new_host] = user.hosts.try_emplace(std::string(who.host));
    host->second = {};
    remote_entries_ += is_new_host ? 1 : 0;
    if (!is_new) return set_data(place, data);
    user.data = data;
    return {Kind::kJoin, place.topic->first, place.user->first, user.data};
}

Presence::Change Presence::leave_remote(const Remote &who) {
    const auto topic = topics_.find(who.topic);
    if (topic == topics_.end()) return {};
    const auto user = topic->second.users.find(who.user);
    if (user == topic->second.users.end()) return {};
    const auto host = user->second.hosts.find(who.host);
    if (host == user->second.hosts.end()) return {};
    user->second.hosts.erase(host);
    --remote_entries_;
    return erase_if_gone({topic, user});
}

// The topic, or all when the name is empty.
std::pair<Presence::Topics::iterator, Presence::Topics::iterator> Presence::range_of(
    std::string_view name) {
    if (name.empty()) return {topics_.begin(), topics_.end()};
    const auto found = topics_.find(name);
    return {found, found == topics_.end() ? found : std::next(found)};
}

// Takes away the hosts of each user of whom `leaves` says so.
template <class Leaves>
std::vector<Presence::Change> Presence::erase_hosts(std::string_view name, Leaves leaves) {
    std::vector<Change> changes;
    const auto [first, last] = range_of(name);
    for (auto topic = first; topic != last;) {
        const auto at = topic++;
        const size_t users = at->second.users.size();
        auto user = at->second.users.begin();
        for (size_t i = 0; i < users; ++i) {
            const auto one = user++;
            remote_entries_ -= std::erase_if(one->second.hosts, leaves);
            Change change = erase_if_gone({at, one});
            if (change.kind != Kind::kNone) changes.push_back(std::move(change));
        }
    }
    return changes;
}

std::vector<Presence::Change> Presence::leave_remotes(std::string_view topic, std::string_view host,
                                                      uint64_t now_ms) {
    if (!host.empty() && limits_.grace_ms > 0) {
        begin_grace(topic, host, now_ms + limits_.grace_ms);
        return {};
    }
    return erase_hosts(topic,
                       [host](const auto &entry) { return host.empty() || entry.first == host; });
}

void Presence::begin_grace(std::string_view name, std::string_view host, uint64_t deadline_ms) {
    const auto [first, last] = range_of(name);
    for (auto topic = first; topic != last; ++topic) {
        for (auto &[user, there] : topic->second.users) {
            const auto found = there.hosts.find(host);
            if (found == there.hosts.end() || found->second.leaves_at_ms != 0) continue;
            found->second.leaves_at_ms = deadline_ms;
            remote_grace_.push_back({deadline_ms, topic->first, user, found->first});
        }
    }
}

void Presence::doubt_remotes(std::string_view topic) {
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return;
    for (auto &[name, user] : found->second.users) {
        // Of a host that is gone nobody tells any more.
        for (auto &[host, there] : user.hosts) there.doubted = there.leaves_at_ms == 0;
    }
}

std::vector<Presence::Change> Presence::drop_doubted(std::string_view topic) {
    return erase_hosts(topic, [](const auto &entry) { return entry.second.doubted; });
}

bool Presence::has_local(std::string_view topic) const {
    const auto found = topics_.find(topic);
    return found != topics_.end() &&
           std::any_of(found->second.users.begin(), found->second.users.end(),
                       [](const auto &user) { return user.second.is_local(); });
}

std::vector<Presence::Local> Presence::local(std::string_view topic) const {
    std::vector<Local> here;
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return here;
    for (const auto &[name, user] : found->second.users) {
        if (user.is_local()) here.push_back({found->first, name, user.data});
    }
    return here;
}

}  // namespace wse::hub
