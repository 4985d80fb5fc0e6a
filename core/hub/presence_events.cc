// SPDX-License-Identifier: MIT
// Who enters and leaves topics, and telling the others.
#include "hub/hub.h"
#include "proto/server_messages.h"

namespace wse::hub {
namespace {

const char *event_of(Presence::Kind kind) {
    if (kind == Presence::Kind::kJoin) return "presence_join";
    return kind == Presence::Kind::kLeave ? "presence_leave" : "presence_update";
}

}  // namespace

void Hub::enter(const Subscribe &command, SubscribedTopic &answer,
                std::vector<Presence::Change> &changes, size_t &roster_users) {
    const Topic *const topic = topics_.find(answer.name);
    if (!answer.position || !topic->policy->presence) return;
    if (!command.presence.empty() && !command.user.empty()) {
        changes.push_back(presence_.join(answer.name, command.user,
                                         {command.origin.loop, command.origin.session},
                                         command.presence));
    }
    if (!command.roster) return;
    answer.roster = roster(answer.name, roster_users);
    roster_users -= answer.roster->users.size();
}

void Hub::update_presence(const UpdatePresence &command) {
    std::optional<std::string_view> topic;
    if (!command.topic.empty()) topic = command.topic;
    const Presence::Connection who{command.origin.loop, command.origin.session};
    for (const auto &change : presence_.update(who, command.data, topic)) tell(change);
    tell_facts();
}

void Hub::tell(const Presence::Change &change) {
    if (change.kind == Presence::Kind::kNone || change.kind == Presence::Kind::kRefused) return;
    // Updates come as fast as a client sends them; who misses one sees it in the roster.
    if (change.kind == Presence::Kind::kUpdate && effects_.congested()) return;
    Topic *const topic = topics_.find(change.topic);
    if (!topic) return;
    const NoticeRef notice(new Notice(
        change.topic,
        proto::presence_event({event_of(change.kind), change.topic, change.user, change.data})));
    for (LoopIndex loop = 0; loop < limits_.loops; ++loop) {
        if (is_interested(*topic, loop)) effects_.notice(loop, notice);
    }
}

void Hub::set_presence_witness(PresenceWitness witness) {
    witness_ = std::move(witness);
    presence_.record_moves(witness_ != nullptr);
}

void Hub::tell_moves() {
    if (!witness_) return;
    for (const auto &move : presence_.take_moves()) witness_(move);
}

Roster Hub::roster(const std::string &topic, size_t limit) const {
    Presence::Roster found = presence_.roster(topic, limit);
    Roster roster{.topic = topic, .users = {}, .total = found.users};
    for (auto &row : found.rows)
        roster.users.push_back({std::move(row.user), std::move(row.data), row.connections});
    return roster;
}

}  // namespace wse::hub
