// SPDX-License-Identifier: MIT
// Queue groups: a message of a topic goes to one member of each of its groups. Copies carry no
// stamps, because a member would take what the others got for a loss. A topic that hosts share has
// one of them take each message for the group, and that one's members take turns. The others count
// a host until they hear that it has no members any more. What was its turn by then they take over:
// it says what it has not passed on, and they have kept it.
#include "base/assert.h"
#include "hub/hub.h"

namespace wse::hub {
namespace {

constexpr size_t kMaxWaitingBytes = size_t{64} << 20;  // of payloads, for all groups together
// A group that nobody is left in keeps its turns for a while: what is under way to its last member
// comes back, and who joins again finds it there, whatever others have heard of it.
constexpr uint64_t kEmptyMs = 500;

}  // namespace

SubscribedTopic Hub::subscribe_group(const Origin &origin, const Subscribe::Topic &wanted) {
    auto opened = topics_.open(wanted.name);
    if (!opened) return {wanted.name, wanted.again, opened.error(), wanted.group};
    Topic &topic = **opened;
    bool again = wanted.again;
    if (!again) {
        const auto [group, is_new] = topic.groups.try_emplace(wanted.group);
        if (is_new) set_fact(Fact::Kind::kGroup, topic.name, wanted.group, "1");
        // A session that asked twice before it was answered is one member, and leaves once.
        again = !group->second.add({origin.loop, origin.session});
        empty_groups_.erase({topic.name, wanted.group});
        topic.subscriber_count += again ? 0 : 1;
        topics_.update_idle(topic);
    }
    return {wanted.name, again, topic.at.head, wanted.group};
}

void Hub::leave_group(Topic &topic, const std::string &name, const QueueGroup::Member &member) {
    const auto group = topic.groups.find(name);
    WSE_ASSERT(group != topic.groups.end(), "a member leaves a group that is not there");
    group->second.remove(member);
    if (!group->second.empty()) return;
    if (is_shared(*topic.policy)) {
        empty_groups_[{topic.name, name}] = clock_.monotonic_ms() + kEmptyMs;
    } else {
        drop_group(topic, name);
    }
}

void Hub::leave_empty_groups() {
    for (auto entry = empty_groups_.begin(); entry != empty_groups_.end();) {
        const auto &[topic, name] = entry->first;
        if (clock_.monotonic_ms() < entry->second) {
            ++entry;
            continue;
        }
        if (group_of(topic, name)) drop_group(*topics_.find(topic), name);
        entry = empty_groups_.erase(entry);
    }
}

// What waited for a member goes to those of other hosts; without any it goes with the last one, as
// for a topic that nobody subscribes.
void Hub::drop_group(Topic &topic, const std::string &name) {
    auto node = topic.groups.extract(name);
    QueueGroup &group = node.mapped();
    group_bytes_ -= group.waiting_bytes();
    const size_t waiting = group.waiting();
    GroupLeave left{.head = topic.at.head};
    while (const auto message = group.release()) {
        if (message->position.epoch == left.head.epoch)
            left.waiting.push_back(message->position.offset);
    }
    const auto hosts = topic.group_hosts.find(name);
    if (hosts != topic.group_hosts.end()) hosts->second.remove(host_);
    const bool has_others = hosts != topic.group_hosts.end() && !hosts->second.empty();
    if (!has_others) {
        group_dropped_ += waiting;
        topic.group_hosts.erase(name);
    }
    set_fact(Fact::Kind::kGroup, topic.name, name, left.text());
}

void Hub::take_over(Topic &topic, const std::string &name, const std::string &host,
                    const GroupLeave &left) {
    const auto group = topic.groups.find(name);
    const auto hosts = topic.group_hosts.find(name);
    if (group == topic.groups.end() || hosts == topic.group_hosts.end()) return;
    for (const auto &message : hosts->second.take(host, left))
        share(topic, name, group->second, message);
}

// A group has its first turn when its host is known to have members.
void Hub::share(Topic &topic, const std::string &name, QueueGroup &group,
                const proto::MessageRef &message) {
    if (!is_shared(*topic.policy)) return offer(name, group, message);
    const auto hosts = topic.group_hosts.find(name);
    if (hosts == topic.group_hosts.end()) return;
    const std::string &owner = hosts->second.owner_of(message->position.offset);
    owner == host_ ? offer(name, group, message) : hosts->second.keep(message, owner);
}

void Hub::offer(const std::string &name, QueueGroup &group, const proto::MessageRef &message) {
    if (const auto member = group.next()) {
        effects_.deliver_to(member->loop, member->session, name, message);
    } else if (group_bytes_ + message->publication.bytes() > kMaxWaitingBytes) {
        ++group_dropped_;
    } else {
        group_bytes_ -= group.waiting_bytes();
        group_dropped_ += group.hold(message);
        group_bytes_ += group.waiting_bytes();
    }
}

QueueGroup *Hub::group_of(std::string_view topic, const std::string &name) {
    Topic *const found = topics_.find(topic);
    if (!found) return nullptr;
    const auto group = found->groups.find(name);
    return group == found->groups.end() ? nullptr : &group->second;
}

void Hub::give_back(const GiveBack &command) {
    QueueGroup *const group = group_of(command.message->publication.topic, command.group);
    if (!group) return;
    if (command.full) group->set_full({command.loop, command.session}, true);
    offer(command.group, *group, command.message);
}

void Hub::group_ready(const GroupReady &command) {
    for (const auto &shared : command.topics) {
        QueueGroup *const group = group_of(shared.name, shared.group);
        if (!group) continue;
        group->set_full({command.loop, command.session}, false);
        release(shared.group, *group);
    }
}

// One that has room, or is new, takes what waited; it gives back what it cannot take.
void Hub::release(const std::string &name, QueueGroup &group) {
    while (group.waiting() > 0) {
        const auto member = group.next();
        if (!member) break;
        group_bytes_ -= group.waiting_bytes();
        auto message = group.release();
        group_bytes_ += group.waiting_bytes();
        effects_.deliver_to(member->loop, member->session, name, message);
    }
}

}  // namespace wse::hub
