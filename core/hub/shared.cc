// SPDX-License-Identifier: MIT
// Topics that all hosts share: following them, taking what comes of them, and telling subscribers
// when something is missing that cannot be had any more.
#include <algorithm>

#include "base/glob.h"
#include "hub/hub.h"
#include "proto/server_messages.h"

namespace wse::hub {
namespace {

// A topic is followed on for a while after its last subscriber, who may be back in a moment.
constexpr uint64_t kLingerMs = 15'000;
constexpr size_t kMaxWaiting = 100'000;  // subscriptions
// Topics that are followed because a client says that it has seen them: they need neither a right
// nor a place among its subscriptions.
constexpr size_t kMaxSeen = 1'000;   // of one command
constexpr size_t kMaxLeft = 10'000;  // among all that nobody subscribes

NoticeRef lost_notice(const std::string &name, proto::Position goes_on_at) {
    proto::SubscriptionAck ack{.action = "subscribe"};
    ack.recovery.push_back({name, goes_on_at, false, 0});
    return NoticeRef(new Notice(name, proto::subscription_ack(ack), true));
}

}  // namespace

void Hub::set_cluster(Cluster *cluster) {
    cluster_ = cluster;
    presence_.set_recording(cluster != nullptr);
}

// A subscription begins where the cluster stands, so that has to be known first. True: it is served
// as soon as that is so, or when it has taken too long.
bool Hub::must_wait(const Subscribe &command) {
    std::vector<Links::Need> missing;
    for (const auto &wanted : command.topics) {
        want(wanted.name, wanted.from, missing);
        if (is_pattern(wanted.name) && wanted.from) want_seen(command, wanted.name, missing);
    }
    if (missing.empty() || links_.waiting() >= kMaxWaiting) return false;
    links_.hold(command, missing, clock_.monotonic_ms() + limits_.subscribe_wait_ms);
    return true;
}

// The others are recovered from what is here.
void Hub::want_seen(const Subscribe &command, const std::string &pattern,
                    std::vector<Links::Need> &missing) {
    size_t seen = 0;
    for (const auto &[name, position] : command.known) {
        if (is_pattern(name) || !glob_match(pattern, name)) continue;
        if (++seen > kMaxSeen || (!links_.has(name) && links_.leaving() >= kMaxLeft)) break;
        want(name, position, missing);
        leave_link(name);
    }
}

// A client that comes from another host may be ahead of this one, and has then lost nothing.
void Hub::want(const std::string &name, std::optional<proto::Position> from,
               std::vector<Links::Need> &missing) {
    if (!needs_link(name)) return;
    make_link(name);
    if (!is_followed(name)) {
        missing.push_back({name});
    } else if (const Topic *topic = from ? topics_.find(name) : nullptr;
               topic && from->epoch == topic->at.head.epoch &&
               from->offset > topic->at.head.offset) {
        missing.push_back({name, from->offset});
    }
}

// A pattern may take topics that are shared, whoever else it takes.
bool Hub::needs_link(const std::string &name) const {
    return cluster_ && (is_pattern(name) || is_shared(topics_.policy_of(name)));
}

// What the cluster has told of a topic is gone when the topic was forgotten to make room.
void Hub::make_link(const std::string &name) {
    if (!needs_link(name)) return;
    const bool is_new = links_.want(name);
    if (!is_new && links_.is_followed(name) && !is_followed(name)) {
        links_.ask_again(name);
        cluster_->unfollow(name);
    } else if (!is_new) {
        return;
    }
    cluster_->follow(name, have_of(name), topics_.policy_of(name));
}

bool Hub::is_followed(const std::string &name) const {
    if (!links_.is_followed(name)) return false;
    const Topic *const topic = topics_.find(name);
    return is_pattern(name) || (topic && topic->was_followed);
}

// Messages that were heard by a pattern are the last ones, and say little of the other keys.
bool Hub::has_state(const Topic &topic) {
    if (topic.policy->retain == Retain::kNone) return true;
    return topic.policy->retain == Retain::kLastByKey ? topic.has_all_keys
                                                      : !topic.retention.empty();
}

// Everything up to there is here, as far as anybody may ask for it; else all that is kept is
// wanted.
proto::Position Hub::have_of(const std::string &name) {
    const Topic *const topic = topics_.find(name);
    if (!topic) return {};
    const bool has_history =
        topic->ring.first_offset() <= 1 || topic->ring.size() >= topic->policy->history.messages;
    return has_history && has_state(*topic) ? topic->at.head : proto::Position{};
}

void Hub::followed(Followed about) {
    if (!links_.set_followed(about.topic)) return;
    host_ = about.host;
    // The cluster knows ids that come again.
    for (auto &message : about.messages) message.publication.id_given = false;
    if (is_pattern(about.topic)) {
        begin_pattern(about.topic);
    } else {
        if (auto opened = topics_.open(about.topic)) {
            go_on(**opened, about);
            (*opened)->was_followed = (*opened)->has_all_keys = true;
            take_facts(**opened, about.facts);
            set_own_facts(**opened);
        }
    }
    for (const auto &command : links_.take_ready(about.topic)) serve(command);
    answer_late(about.topic);
}

// From here on all is heard that the pattern takes. What came before, on topics that nobody has
// seen here, may be unknown, so positions of before lead nowhere; nor does one that a server
// which ended since has given: nothing may have written it down, but the clock has moved on.
void Hub::begin_pattern(const std::string &name) {
    sequence_ = std::max(sequence_ + 1, clock_.wall_ms() * 1000);
    links_.set_known_since(name, sequence_);
    const LoopCounts *const counts = patterns_.find(name);
    if (!counts) return;
    const NoticeRef notice = lost_notice(name, {log_epoch_, sequence_});
    for (LoopIndex loop = 0; loop < limits_.loops; ++loop) {
        if ((*counts)[loop] > 0) effects_.notice(loop, notice);
    }
}

bool Hub::is_known_since(const std::string &pattern, uint64_t sequence) const {
    return !needs_link(pattern) || sequence >= links_.known_since(pattern);
}

// Those who were subscribed before the cluster had answered, and go on from where they had been.
void Hub::answer_late(const std::string &name) {
    const auto node = late_replays_.extract(name);
    if (node.empty()) return;
    late_count_ -= node.mapped().size();
    for (const auto &command : node.mapped()) replay_now(command);
}

// Of a topic that stands nobody knows where yet.
bool Hub::is_unanswered(const std::string &name) const {
    return needs_link(name) && links_.has(name) && !is_followed(name);
}

// The client says that it has more than this host, and that may be so.
bool Hub::is_behind(const std::string &name, proto::Position client) const {
    const Topic *const topic = links_.has(name) && is_followed(name) ? topics_.find(name) : nullptr;
    return topic && client.epoch == topic->at.head.epoch && client.offset > topic->at.head.offset;
}

// Only the cluster knows, which answers when it is there again, whatever comes of the topic by
// then.
void Hub::replay_late(const Replay &command) {
    auto &waiting = late_replays_[command.topic];
    if (waiting.empty() && is_followed(command.topic)) {
        cluster_->unfollow(command.topic);
        cluster_->follow(command.topic, have_of(command.topic), topics_.policy_of(command.topic));
    }
    waiting.push_back(command);
    ++late_count_;
}

void Hub::go_on(Topic &topic, Followed &from) {
    const proto::Position head = topic.at.head;
    const uint64_t first =
        from.messages.empty() ? from.position.offset + 1 : from.messages.front().position.offset;
    const bool leads_on = from.position.epoch == head.epoch &&
                          from.position.offset >= head.offset && first <= head.offset + 1;
    if (!leads_on) return jump(topic, from);
    take_older(topic, from);
    for (auto &message : from.messages) {
        if (message.position.offset > topic.at.head.offset)
            place(std::move(message.publication), topic, message.position);
    }
}

// A topic that was only heard of in passing has less history, or state, than the cluster keeps.
// What is older is nothing new to anybody, so it gets no number of its own; and the journal does
// without what it would have to write out of order.
void Hub::take_older(Topic &topic, Followed &from) {
    const uint64_t first = topic.ring.first_offset();
    const bool is_older = !from.messages.empty() && from.messages.front().position.offset < first;
    if (!is_older) return;
    const uint64_t now_ms = clock_.monotonic_ms(), before = topic.ring.evicted_sequence();
    const auto here = topic.ring.after(first - 1, topic.ring.size(), SIZE_MAX);
    const uint32_t epoch = topic.at.head.epoch;
    store_.restart(topic, {epoch, from.messages.front().position.offset - 1}, before);
    for (auto &[publication, position] : from.messages) {
        if (position.offset > topic.at.head.offset) break;
        const bool is_here = position.offset >= first && position.offset - first < here.size();
        const auto message =
            is_here
                ? here[position.offset - first]
                : make_message({std::move(publication), position, before, clock_.wall_ms()}, topic);
        store_.keep(topic, message, now_ms, now_ms);
    }
}

// Another incarnation, or a hole: what was kept here does not lead to where the topic stands. That
// counts as one thing that happened, if anybody has been told of the topic; else as none, because
// what is kept was there before.
void Hub::jump(Topic &topic, Followed &to) {
    proto::Position before = to.position;
    if (!to.messages.empty()) before.offset = to.messages.front().position.offset - 1;
    const bool was_told = topic.at.head.offset > 0 || topic.subscriber_count > 0;
    if (was_told && topic.policy->keeps()) ++sequence_;
    const uint64_t sequence = was_told ? sequence_ : 0;
    store_.restart(topic, before, sequence);
    topic.has_all_keys = false;
    for (auto &message : to.messages)
        keep_as(std::move(message.publication), topic, message.position, sequence);
    topic.at.head = to.position;
    topic.at.sequence = sequence;
    if (was_told && to.messages.empty()) note(topic);
    topics_.update_idle(topic);
    if (was_told) tell_lost(topic);
}

// Whoever is up to date here goes on after the head; who is behind learns it with the replay.
void Hub::tell_lost(Topic &topic) {
    if (!topic.policy->stamped()) return;
    const NoticeRef notice = lost_notice(topic.name, topic.at.head);
    for (LoopIndex loop = 0; loop < limits_.loops; ++loop) {
        if (is_interested(topic, loop)) effects_.notice(loop, notice);
    }
}

void Hub::remote(Remote message) {
    if (!is_shared(topics_.policy_of(message.publication.topic))) return;
    message.publication.id_given = false;
    auto opened = topics_.open(message.publication.topic);
    if (!opened) {
        ++remote_lost_;
        return;
    }
    Topic &topic = **opened;
    const proto::Position head = topic.at.head, at = message.position;
    if (at.epoch == head.epoch && at.offset <= head.offset) return;  // again
    if (at.epoch != head.epoch || at.offset != head.offset + 1) {
        Followed begin{message.publication.topic, {at.epoch, at.offset - 1}};
        jump(topic, begin);
    }
    place(std::move(message.publication), topic, at);
    if (links_.waiting() == 0) return;
    for (const auto &command : links_.take_ready(topic.name, at.offset)) serve(command);
}

void Hub::tick_links(uint64_t now_ms) {
    tell_facts();
    leave_empty_groups();
    for (const auto &command : links_.take_late(now_ms)) serve(command);
    for (const auto &name : links_.take_left(now_ms)) {
        if (is_needed(name)) {
            leave_link(name);
            continue;
        }
        links_.remove(name);
        cluster_->unfollow(name);
        drop_facts(name, {});
        answer_late(name);
    }
}

// Also for those who are in grace: when it is over, the others are to hear of it.
bool Hub::is_needed(const std::string &name) {
    return has_subscribers(name) || links_.is_awaited(name) || presence_.has_local(name);
}

bool Hub::has_subscribers(const std::string &name) {
    if (is_pattern(name)) return patterns_.find(name) != nullptr;
    const Topic *const topic = topics_.find(name);
    return topic && topic->subscriber_count > 0;
}

void Hub::leave_link(const std::string &name) {
    if (cluster_ && !has_subscribers(name)) links_.leave(name, clock_.monotonic_ms() + kLingerMs);
}

}  // namespace wse::hub
