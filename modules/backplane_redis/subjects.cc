// SPDX-License-Identifier: MIT
#include "subjects.h"

#include <algorithm>
#include <utility>

#include "topic_glob/topic_glob.h"

namespace wse::backplane_redis {

void Subjects::add_topic(const std::string &name, Place have, uint64_t most) {
    const auto [at, is_new] = topics_.try_emplace(name);
    Topic &topic = at->second;
    topic.have = have;
    topic.most = most;
    if (is_new || topic.state != Topic::State::kUnasked) ask_again(name);
}

void Subjects::remove(const std::string &name) {
    const Topic *topic = find(name);
    // While Redis is away nobody takes it from there.
    if (topic && topic->state == Topic::State::kUnasked) std::erase(unasked_, name);
    topics_.erase(name);
    patterns_.erase(name);
}

Topic *Subjects::find(const std::string &name) {
    const auto at = topics_.find(name);
    return at == topics_.end() ? nullptr : &at->second;
}

bool Subjects::has_pattern_of(std::string_view topic) const {
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const auto &pattern) {
        return topic_glob::matches(pattern.first, topic);
    });
}

std::optional<std::string> Subjects::next_unasked(uint64_t number) {
    while (!unasked_.empty()) {
        std::string name = std::move(unasked_.front());
        unasked_.pop_front();
        Topic *topic = find(name);
        if (!topic || topic->state != Topic::State::kUnasked) continue;
        topic->state = Topic::State::kAsked;
        topic->asked = number;
        return name;
    }
    return std::nullopt;
}

void Subjects::ask_again(const std::string &name) {
    Topic &topic = topics_.at(name);
    topic.state = Topic::State::kUnasked;
    topic.asked = 0;
    topic.answer = {};
    unasked_.push_back(name);
}

void Subjects::ask_unanswered_again() {
    for (const auto &[name, topic] : topics_) {
        if (topic.state == Topic::State::kAsked || topic.state == Topic::State::kLive)
            ask_again(name);
    }
    for (auto &[name, told] : patterns_) told = false;
}

void Subjects::ask_all_again() {
    unasked_.clear();
    waiting_.clear();
    for (const auto &[name, topic] : topics_) ask_again(name);
    for (auto &[name, told] : patterns_) told = false;
}

void Subjects::answer(const std::string &name, Attached &&answer, uint64_t round) {
    Topic &topic = topics_.at(name);
    topic.state = Topic::State::kAnswered;
    topic.answer = std::move(answer);
    topic.round = round;
    waiting_.emplace(topic.answer.last, name);
}

std::optional<Subjects::Waiting> Subjects::first_waiting() {
    while (!waiting_.empty()) {
        const auto &[id, name] = *waiting_.begin();
        const Topic *topic = find(name);
        if (topic && topic->state == Topic::State::kAnswered && topic->answer.last == id)
            return Waiting{id, name, topic->round};
        waiting_.erase(waiting_.begin());
    }
    return std::nullopt;
}

void Subjects::go_live(const std::string &name) {
    Topic &topic = topics_.at(name);
    topic.state = Topic::State::kLive;
    topic.have = topic.answer.place;
    topic.answer = {};
}

std::optional<std::string> Subjects::untold_pattern() const {
    for (const auto &[name, told] : patterns_) {
        if (!told) return name;
    }
    return std::nullopt;
}

void Subjects::pattern_told(const std::string &name) {
    const auto at = patterns_.find(name);
    if (at != patterns_.end()) at->second = true;
}

}  // namespace wse::backplane_redis
