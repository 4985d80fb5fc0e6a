// SPDX-License-Identifier: MIT
// Subscriptions: one step counts a subscriber, says where its topic stands and hands out what it
// missed, so that "replayed up to here" and "live from here" cannot disagree.
#include <algorithm>

#include "base/assert.h"
#include "base/glob.h"
#include "hub/hub.h"

namespace wse::hub {
namespace {

// Topics of one pattern that are recovered, or whose retained messages are sent, at once.
constexpr size_t kMaxTopicsOfPattern = 10'000;
constexpr size_t kMaxRetainedOfPattern = 1'000;
constexpr size_t kMaxLate = 100'000;    // replays that wait for the cluster
constexpr size_t kRosterUsers = 1'000;  // of all topics of a request

// The server is full of topics: this one's history is gone, and the next message starts it anew.
Replayed not_opened(const Replay &command) {
    return {.topic = command.topic, .head = {}, .from = command.from};
}

}  // namespace

void Hub::subscribe(const Subscribe &command) {
    WSE_ASSERT(command.origin.loop < limits_.loops, "a subscriber on a loop the hub does not know");
    if (!cluster_ || !must_wait(command)) serve(command);
}

// Each of its subscribers needs a link, also when it was left while the command waited; where there
// is none in the end, because it was refused, the link goes.
void Hub::serve(const Subscribe &command) {
    for (const auto &wanted : command.topics) make_link(wanted.name);
    std::vector<SubscribedTopic> answers;
    ReplayBudget budget;
    std::vector<Presence::Change> changes;
    size_t roster_users = kRosterUsers;
    for (const auto &wanted : command.topics) {
        if (is_pattern(wanted.name)) {
            answers.push_back(subscribe_pattern(command, wanted, budget));
        } else if (!wanted.group.empty()) {
            answers.push_back(subscribe_group(command.origin, wanted));
        } else {
            answers.push_back(subscribe_topic(command, wanted, budget));
            enter(command, answers.back(), changes, roster_users);
        }
    }
    effects_.subscribed(command.origin, std::move(answers));
    for (const auto &wanted : command.topics) {
        if (QueueGroup *group = group_of(wanted.name, wanted.group)) release(wanted.group, *group);
    }
    for (const auto &change : changes) tell(change);
    tell_facts();
    tell_moves();
    for (const auto &wanted : command.topics) leave_link(wanted.name);
}

SubscribedTopic Hub::subscribe_topic(const Subscribe &command, const Subscribe::Topic &wanted,
                                     ReplayBudget &budget) {
    auto opened = topics_.open(wanted.name);
    if (!opened) return {wanted.name, wanted.again, opened.error(), wanted.group};
    Topic &topic = **opened;
    if (!wanted.again) {
        ++topic.subscribers[command.origin.loop];
        ++topic.subscriber_count;
        topics_.update_idle(topic);
    }
    remember_epoch(topic);
    SubscribedTopic answer{wanted.name, wanted.again, topic.at.head};
    answer.stamped = topic.policy->stamped();
    answer.lossy = topic.policy->lossy();
    store_.expire(topic, clock_.monotonic_ms());
    store_.touch(topic);
    if (wanted.from) {
        answer.replays.push_back(replay_of(topic, *wanted.from, budget));
        answer.position = answer.replays.back().head;
        answer.recovered = answer.replays.back().recovered;
        answer.count = answer.replays.back().count;
    }
    // Who has recovered has the state.
    if (!answer.recovered && !topic.retention.empty())
        answer.retained.push_back(retained_of(topic));
    return answer;
}

// While nobody knows where the topic stands, nothing is said that may prove wrong: it stands where
// the subscriber says, and there is more.
Replayed Hub::replay_of(const Topic &topic, proto::Position from, ReplayBudget &budget) const {
    Replayed part = replay_after(topic, from, budget);
    if (part.recovered || !topic.policy->stamped()) return part;
    if (!is_unanswered(topic.name) && !is_behind(topic.name, from)) return part;
    return {.topic = topic.name, .head = from, .recovered = true, .more = true, .from = from};
}

// A topic without a message has told its epoch to nobody yet; from here on it must outlive us too.
void Hub::remember_epoch(Topic &topic) {
    const bool is_new = topic.at.head.offset == 0 && topic.at.mark == 0;
    if (journal_ && is_new && topic.policy->stamped())
        topic.at.mark = journal_->note(topic.name, topic.at.head, topic.at.sequence);
}

SubscribedTopic Hub::subscribe_pattern(const Subscribe &command, const Subscribe::Topic &wanted,
                                       ReplayBudget &budget) {
    if (!wanted.again) {
        LoopCounts *counts = patterns_.find(wanted.name);
        if (!counts && patterns_.size() >= limits_.patterns) {
            return {wanted.name, false,
                    Error{WSE_EAGAIN, "the server holds " + std::to_string(limits_.patterns) +
                                          " patterns; subscribe to the topic itself"}};
        }
        if (!counts) counts = &patterns_[wanted.name];
        counts->resize(limits_.loops, 0);
        if ((*counts)[command.origin.loop]++ == 0) ++patterns_version_;
    }
    SubscribedTopic answer{wanted.name, wanted.again, proto::Position{log_epoch_, sequence_}};
    answer.stamped = true;
    if (wanted.from) recover_pattern(command, wanted, answer, budget);
    retained_of_pattern(wanted.name, answer);
    return answer;
}

// A topic that the client has seen goes on from there; in one that it has not, everything since it
// subscribed the pattern is new to it.
void Hub::recover_pattern(const Subscribe &command, const Subscribe::Topic &wanted,
                          SubscribedTopic &answer, ReplayBudget &budget) {
    const proto::Position from = *wanted.from;
    std::unordered_map<std::string_view, proto::Position> known;
    const bool same_log = from.epoch == log_epoch_ && from.offset <= sequence_;
    answer.recovered = same_log && from.offset >= topics_.forgotten_sequence() &&
                       is_known_since(wanted.name, from.offset);
    for (const auto &[name, position] : command.known) {
        if (is_pattern(name) || !glob_match(wanted.name, name)) continue;
        known.emplace(name, position);
        // It may have been behind in a topic that is forgotten, whatever it has of the others.
        if (!topics_.find(name)) answer.recovered = false;
    }
    topics_.match(wanted.name, [&](Topic &topic) {
        if (!topic.policy->stamped()) return;
        store_.expire(topic, clock_.monotonic_ms());
        const auto seen = known.find(topic.name);
        const bool asked = seen != known.end();
        if (!asked && (!same_log || topic.at.sequence <= from.offset)) return;
        if (asked && seen->second == topic.at.head) return;
        if (answer.replays.size() >= kMaxTopicsOfPattern) {
            answer.recovered = false;
            return;
        }
        Replayed part = asked ? replay_of(topic, seen->second, budget)
                              : replay_since(topic, from.offset, budget);
        answer.recovered = answer.recovered && part.recovered;
        answer.count += part.count;
        answer.replays.push_back(std::move(part));
    });
}

void Hub::retained_of_pattern(const std::string &pattern, SubscribedTopic &answer) const {
    std::unordered_map<std::string_view, bool> recovered;
    for (const auto &part : answer.replays) recovered.emplace(part.topic, part.recovered);
    topics_.match(pattern, [&](const Topic &topic) {
        if (topic.retention.empty() || answer.retained.size() >= kMaxRetainedOfPattern) return;
        // What is not stamped was not replayed, so its state may be another one by now.
        const auto found = recovered.find(topic.name);
        const bool has_state = found == recovered.end() ? answer.recovered : found->second;
        if (has_state && topic.policy->stamped()) return;
        answer.retained.push_back(retained_of(topic));
    });
}

void Hub::unsubscribe(const Unsubscribe &command) {
    for (const auto &[name, group, surplus] : command.topics) {
        if (is_pattern(name)) {
            leave_pattern(command.loop, name);
            continue;
        }
        Topic *const topic = topics_.find(name);
        WSE_ASSERT(topic, "unsubscribed from a topic that is not there");
        Presence::Change left;
        if (!group.empty()) {
            leave_group(*topic, group, {command.loop, command.session});
        } else {
            WSE_ASSERT(topic->subscribers[command.loop] > 0,
                       "unsubscribed more often than subscribed");
            --topic->subscribers[command.loop];
            if (!surplus)
                left =
                    presence_.leave(name, {command.loop, command.session}, clock_.monotonic_ms());
        }
        --topic->subscriber_count;
        topics_.update_idle(*topic);
        tell(left);
        leave_link(name);
    }
    tell_facts();
    tell_moves();
}

void Hub::leave_pattern(LoopIndex loop, const std::string &pattern) {
    LoopCounts *const counts = patterns_.find(pattern);
    WSE_ASSERT(counts && (*counts)[loop] > 0,
               "a pattern is unsubscribed more often than subscribed");
    if (--(*counts)[loop] > 0) return;
    ++patterns_version_;
    const bool unused =
        std::all_of(counts->begin(), counts->end(), [](uint32_t count) { return count == 0; });
    if (!unused) return;
    patterns_.erase(pattern);
    leave_link(pattern);
}

void Hub::replay(const Replay &command) {
    const bool is_late = is_unanswered(command.topic) || is_behind(command.topic, command.from);
    if (!is_late || late_count_ >= kMaxLate) return replay_now(command);
    replay_late(command);
}

void Hub::replay_now(const Replay &command) {
    auto opened = topics_.open(command.topic);
    if (!opened) return effects_.replayed(command.origin, not_opened(command));
    store_.expire(**opened, clock_.monotonic_ms());
    store_.touch(**opened);
    ReplayBudget budget;
    effects_.replayed(command.origin, replay_after(**opened, command.from, budget));
}

void Hub::sync(const Sync &command) {
    Synced state;
    const auto add = [&](const Topic &topic) {
        if (topic.retention.empty()) return;
        state.truncated = state.truncated || state.topics.size() >= kMaxRetainedOfPattern;
        if (!state.truncated) state.topics.push_back(retained_of(topic));
    };
    for (const auto &name : command.topics) {
        if (is_pattern(name)) {
            topics_.match(name, add);
        } else if (const Topic *topic = topics_.find(name)) {
            add(*topic);
        }
    }
    for (const auto &name : command.places) {
        if (const Topic *topic = topics_.find(name))
            state.places.push_back({name, topic->at.head, topic->policy->stamped()});
    }
    effects_.synced(command.origin, std::move(state));
}

}  // namespace wse::hub
