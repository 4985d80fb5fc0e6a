// SPDX-License-Identifier: MIT
// A hub with a clock, a recorder of its effects and policies of a test's own. A topic has the
// policy of its name up to the colon, else the one that keeps nothing.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/hub.h"
#include "support/fake_clock.h"
#include "support/hub_recorder.h"

namespace wse::test {

class HubFixture : public testing::Test {
protected:
    using Lines = std::vector<std::string>;
    using Offsets = std::vector<uint64_t>;

    // A history of the last `messages`.
    static hub::TopicPolicy history(uint64_t messages, uint64_t age_ms = 0) {
        hub::TopicPolicy policy;
        policy.history = {.messages = messages, .age_ms = age_ms, .bytes = size_t{64} << 20};
        return policy;
    }
    static hub::TopicPolicy retain(hub::Retain retain, std::string key = {}) {
        hub::TopicPolicy policy;
        policy.retain = retain;
        policy.key = std::move(key);
        return policy;
    }

    // Begins with an empty hub.
    void start(hub::Limits limits = {}, uint64_t seed = 1) {
        limits.loops = 3;
        effects.lines.clear();
        const auto policy_of = [this](std::string_view topic) -> const hub::TopicPolicy & {
            const auto found = policies.find(topic.substr(0, topic.find(':')));
            return found == policies.end() ? nothing : found->second;
        };
        hub = std::make_unique<hub::Hub>(clock, limits, effects, policy_of, seed);
    }

    void publish(const std::string &topic, const std::string &payload = "x", uint64_t request = 0) {
        hub->publish({{0, 0, request}, {topic, "type", "id", payload, proto::Priority::kNormal}});
    }
    void publish_many(const std::string &topic, int count) {
        for (int i = 0; i < count; ++i) publish(topic);
    }
    // By a publisher who may do it again under the id.
    void publish_with_id(const std::string &topic, const std::string &id, uint64_t request) {
        hub->publish({{0, 0, request}, {topic, "type", id, "x", proto::Priority::kNormal, true}});
    }

    using Known = std::vector<std::pair<std::string, proto::Position>>;

    // The answer for the one name. A session is on the loop of its number.
    hub::SubscribedTopic subscribe(uint64_t session, const std::string &name,
                                   std::optional<proto::Position> from = {}, Known known = {},
                                   bool again = false) {
        hub->subscribe({{loop_of(session), session, 0}, {{name, again, from}}, std::move(known)});
        return effects.answers.at(0);
    }
    hub::SubscribedTopic join_group(uint64_t session, const std::string &topic,
                                    const std::string &group) {
        hub->subscribe({{loop_of(session), session, 0}, {{topic, false, {}, group}}});
        return effects.answers.at(0);
    }
    void unsubscribe(uint64_t session, const std::string &name, const std::string &group = {}) {
        hub->unsubscribe({loop_of(session), session, {{name, group}}});
    }
    hub::Replayed replay(uint64_t session, const std::string &topic, proto::Position from) {
        hub->replay({{loop_of(session), session, 0}, topic, from});
        return effects.replay;
    }
    Lines sync(std::vector<std::string> topics) {
        effects.take();
        hub->sync({{0, 0, 0}, std::move(topics)});
        return effects.take();
    }
    static hub::LoopIndex loop_of(uint64_t session) {
        return static_cast<hub::LoopIndex>(session % 3);
    }

    proto::Position head(const std::string &topic) const { return hub->row(topic)->head; }
    proto::Position at(const std::string &topic, uint64_t offset) const {
        return {head(topic).epoch, offset};
    }
    static Offsets offsets(const std::vector<proto::MessageRef> &messages) {
        Offsets all;
        for (const auto &message : messages) all.push_back(message->position.offset);
        return all;
    }

    test::FakeClock clock;
    HubRecorder effects;
    std::map<std::string, hub::TopicPolicy, std::less<>> policies;
    const hub::TopicPolicy nothing;
    std::unique_ptr<hub::Hub> hub;
};

}  // namespace wse::test
