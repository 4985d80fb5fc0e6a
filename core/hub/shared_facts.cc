// SPDX-License-Identifier: MIT
// What holds on the hosts that share a topic: who is present there, and which queue groups have
// members. Each host tells of its own, and all hear of it in the same order.
#include "hub/hub.h"

namespace wse::hub {
void Hub::set_fact(Fact::Kind kind, const std::string &topic, const std::string &key,
                   std::string value) {
    if (!links_.is_followed(topic) || !is_shared(topics_.policy_of(topic))) return;
    cluster_->set_fact(
        {.kind = kind, .topic = topic, .key = key, .value = std::move(value), .host = {}});
}

// Also those that could not be told while the topic was not followed yet.
void Hub::set_own_facts(Topic &topic) {
    for (const auto &[name, group] : topic.groups)
        set_fact(Fact::Kind::kGroup, topic.name, name, "1");
    for (const auto &here : presence_.local(topic.name))
        set_fact(Fact::Kind::kPresent, topic.name, here.user, here.data);
}

void Hub::tell_facts() {
    for (auto &change : presence_.take_local_changes())
        set_fact(Fact::Kind::kPresent, change.topic, change.user, std::move(change.data));
}

void Hub::fact(const Fact &fact) {
    if (fact.key.empty()) return drop_facts(fact.topic, fact.host);
    // What was under way when the topic was left; nobody would tell when it holds no more.
    if (!links_.is_followed(fact.topic)) return;
    if (fact.kind == Fact::Kind::kPresent) {
        // This host knows better who is on it.
        if (fact.host == host_) return;
        const Presence::Remote who{fact.topic, fact.key, fact.host};
        return tell(fact.value.empty() ? presence_.leave_remote(who)
                                       : presence_.join_remote(who, fact.value));
    }
    if (Topic *const topic = topics_.find(fact.topic)) group_fact(*topic, fact);
}

void Hub::group_fact(Topic &topic, const Fact &fact) {
    const auto left = GroupLeave::read(fact.value);
    if (!left && !fact.value.empty()) {
        topic.group_hosts.try_emplace(fact.key, others_bytes_).first->second.add(fact.host);
        return;
    }
    if (const auto group = topic.group_hosts.find(fact.key); group != topic.group_hosts.end()) {
        group->second.remove(fact.host);
        if (group->second.empty()) topic.group_hosts.erase(group);
    }
    if (!left) return;
    take_over(topic, fact.key, fact.host, *left);
    // All have heard it, and it need not be kept for those to come.
    if (fact.host == host_ && !topic.groups.contains(fact.key))
        set_fact(Fact::Kind::kGroup, topic.name, fact.key, "");
}

// All that hold. Who is told of again has not left meanwhile.
void Hub::take_facts(Topic &topic, const std::vector<Fact> &facts) {
    topic.group_hosts.clear();
    presence_.doubt_remotes(topic.name);
    for (const Fact &known : facts) fact(known);
    for (const auto &change : presence_.drop_doubted(topic.name)) tell(change);
}

// Of a host that is gone, of a topic, or of that host on that topic; an empty name is any.
void Hub::drop_facts(const std::string &name, const std::string &host) {
    for (const auto &change : presence_.leave_remotes(name, host, clock_.monotonic_ms()))
        tell(change);
    const auto drop = [&](Topic &topic) {
        for (auto group = topic.group_hosts.begin(); group != topic.group_hosts.end();) {
            group->second.remove(host);
            group = host.empty() || group->second.empty() ? topic.group_hosts.erase(group)
                                                          : std::next(group);
        }
    };
    if (name.empty()) return topics_.each(drop);
    if (Topic *const topic = topics_.find(name)) drop(*topic);
}

}  // namespace wse::hub
