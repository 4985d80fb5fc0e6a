// SPDX-License-Identifier: MIT
#include "hub_model.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/glob.h"

namespace wse::hub {

bool ModelTopic::is_idle() const {
    return std::all_of(subscribers.begin(), subscribers.end(), [](auto n) { return n == 0; });
}

SentList ModelTopic::history(uint64_t now_ms) const {
    SentList kept;
    for (size_t i = sent.size() - std::min(sent.size(), policy->history.messages); i < sent.size();
         ++i) {
        const uint64_t age_ms = policy->history.age_ms;
        if (age_ms == 0 || sent[i].at_ms + age_ms > now_ms) kept.push_back(&sent[i]);
    }
    return kept;
}

SentList ModelTopic::retained() const {
    std::set<std::string_view> keys;
    SentList last;
    if (policy->retain == Retain::kNone) return last;
    // Tests use few keys, so that it is not far to the last one of each.
    constexpr size_t kKeys = 5;
    for (size_t i = sent.size(); i-- > 0 && keys.size() < kKeys;) {
        if (keys.insert(sent[i].key).second) last.push_back(&sent[i]);
        if (policy->retain == Retain::kLast) break;
    }
    std::reverse(last.begin(), last.end());
    return last;
}

ExpectedReplay ModelTopic::after(const std::string &name, proto::Position from,
                                 uint64_t now_ms) const {
    ExpectedReplay replay{.topic = name, .from = from, .head = head()};
    if (!policy->stamped() || from.epoch != epoch || from.offset > sent.size()) return replay;
    for (const Sent *message : history(now_ms)) {
        if (message->position.offset > from.offset) replay.messages.push_back(message);
    }
    replay.recovered = replay.messages.size() == sent.size() - from.offset;
    if (!replay.recovered) replay.messages.clear();
    return replay;
}

ExpectedReplay ModelTopic::since(const std::string &name, uint64_t sequence,
                                 uint64_t now_ms) const {
    ExpectedReplay replay{.topic = name, .from = head(), .head = head(), .asked = false};
    for (const Sent *message : history(now_ms)) {
        if (message->sequence > sequence) replay.messages.push_back(message);
    }
    size_t missed = 0;
    for (size_t i = sent.size(); i > 0 && sent[i - 1].sequence > sequence; --i) ++missed;
    replay.recovered = replay.messages.size() == missed;
    replay.from.offset -= replay.messages.size();
    return replay;
}

ModelTopic *HubModel::open(const std::string &name) {
    if (const auto found = topics.find(name); found != topics.end()) return &found->second;
    if (topics.size() >= limits_.topics) {
        if (idle_.empty()) return nullptr;
        const auto bare = std::find_if(idle_.begin(), idle_.end(), [&](const auto &candidate) {
            const ModelTopic &topic = topics.at(candidate);
            return topic.sent.empty() || !topic.policy->keeps();
        });
        const auto place = bare == idle_.end() ? idle_.begin() : bare;
        const auto forgotten = topics.find(*place);
        const ModelTopic &topic = forgotten->second;
        if (topic.policy->stamped() && !topic.sent.empty())
            forgotten_ = std::max(forgotten_, topic.sent.back().sequence);
        topics.erase(forgotten);
        idle_.erase(place);
    }
    ModelTopic &topic = topics[name];
    topic.epoch = epoch_of_(name);
    topic.policy = &policy_of_(name);
    EXPECT_TRUE(epochs_.insert(topic.epoch).second) << "an epoch comes again";
    update_idle(name);
    return &topic;
}

void HubModel::update_idle(const std::string &name) {
    std::erase(idle_, name);
    if (topics.at(name).is_idle()) idle_.push_back(name);
}

const Sent *HubModel::publish(const std::string &name, Sent message) {
    ModelTopic *const topic = open(name);
    if (!topic) return nullptr;
    message.position = {topic->epoch, topic->sent.size() + 1};
    sequence += topic->policy->keeps() ? 1 : 0;
    message.sequence = sequence;
    topic->sent.push_back(std::move(message));
    update_idle(name);
    return &topic->sent.back();
}

std::set<LoopIndex> HubModel::interested(const std::string &name) const {
    std::set<LoopIndex> loops;
    for (LoopIndex loop = 0; loop < kModelLoops; ++loop) {
        if (topics.at(name).subscribers[loop] > 0) loops.insert(loop);
        for (const auto &[pattern, subscribers] : patterns_) {
            if (subscribers[loop] > 0 && glob_match(pattern, name)) loops.insert(loop);
        }
    }
    return loops;
}

std::optional<proto::Position> HubModel::find_id(const std::string &topic, const std::string &id,
                                                 uint64_t now_ms) const {
    for (const Id &known : ids_) {
        if (known.topic == topic && known.id == id && known.at_ms + limits_.id_age_ms > now_ms)
            return known.position;
    }
    return std::nullopt;
}

void HubModel::remember_id(const std::string &topic, const std::string &id,
                           proto::Position position, uint64_t now_ms) {
    std::erase_if(ids_, [&](const Id &one) { return one.at_ms + limits_.id_age_ms <= now_ms; });
    if (ids_.size() >= limits_.ids) ids_.erase(ids_.begin());
    ids_.push_back({topic, id, position, now_ms});
}

bool HubModel::subscribe(const std::string &topic, LoopIndex loop) {
    ModelTopic *const opened = open(topic);
    if (!opened) return false;
    ++opened->subscribers.at(loop);
    update_idle(topic);
    return true;
}

void HubModel::unsubscribe(const std::string &topic, LoopIndex loop) {
    --topics.at(topic).subscribers.at(loop);
    update_idle(topic);
}

void HubModel::subscribe_pattern(const std::string &pattern, LoopIndex loop) {
    ++patterns_[pattern].at(loop);
}

void HubModel::unsubscribe_pattern(const std::string &pattern, LoopIndex loop) {
    --patterns_[pattern].at(loop);
}

std::pair<std::vector<ExpectedReplay>, bool> HubModel::recover(const std::string &pattern,
                                                               proto::Position from,
                                                               const Known &known,
                                                               uint64_t now_ms) const {
    const bool same_log = from.epoch == log_epoch && from.offset <= sequence;
    bool recovered = same_log && from.offset >= forgotten_;
    for (const auto &[name, position] : known)
        recovered = recovered && (!glob_match(pattern, name) || topics.contains(name));
    std::vector<ExpectedReplay> replays;
    for (const auto &[name, topic] : topics) {
        if (!glob_match(pattern, name) || !topic.policy->stamped()) continue;
        const auto seen = known.find(name);
        if (seen != known.end()) {
            if (seen->second == topic.head()) continue;
            replays.push_back(topic.after(name, seen->second, now_ms));
        } else {
            const bool is_new = !topic.sent.empty() && topic.sent.back().sequence > from.offset;
            if (!same_log || !is_new) continue;
            replays.push_back(topic.since(name, from.offset, now_ms));
        }
        recovered = recovered && replays.back().recovered;
    }
    return {replays, recovered};
}

}  // namespace wse::hub
