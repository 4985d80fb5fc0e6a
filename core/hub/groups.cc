// SPDX-License-Identifier: MIT
// Queue groups: a message of a topic goes to one member of each of its groups. Copies carry no
// stamps, because a member would take what the others got for a loss.
#include "base/assert.h"
#include "hub/hub.h"

namespace wse::hub {
namespace {

constexpr size_t kMaxWaitingBytes = size_t{64} << 20;  // of payloads, for all groups together

}  // namespace

SubscribedTopic Hub::subscribe_group(const Origin &origin, const Subscribe::Topic &wanted) {
    auto opened = topics_.open(wanted.name);
    if (!opened) return {wanted.name, wanted.again, opened.error(), wanted.group};
    Topic &topic = **opened;
    bool again = wanted.again;
    if (!again) {
        const auto group = topic.groups.try_emplace(wanted.group).first;
        // A session that asked twice before it was answered is one member, and leaves once.
        again = !group->second.add({origin.loop, origin.session});
        topic.subscriber_count += again ? 0 : 1;
        topics_.update_idle(topic);
    }
    return {wanted.name, again, topic.at.head, wanted.group};
}

void Hub::leave_group(Topic &topic, const std::string &name, const QueueGroup::Member &member) {
    const auto group = topic.groups.find(name);
    WSE_ASSERT(group != topic.groups.end(), "a member leaves a group that is not there");
    group->second.remove(member);
    // With the last member goes what waited for one: as for a topic that nobody subscribes.
    if (!group->second.empty()) return;
    group_dropped_ += group->second.waiting();
    group_bytes_ -= group->second.waiting_bytes();
    topic.groups.erase(group);
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
