// SPDX-License-Identifier: MIT
// A run of random commands to a hub and to the model of it. After each one, what the hub did must
// be what the model expects, and no client may have missed anything without being told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/hub.h"
#include "hub_model.h"
#include "hub_model_check.h"
#include "hub_model_client.h"
#include "support/fake_clock.h"

namespace wse::hub {

constexpr HubModel::Limits kLimits{.topics = 9, .ids = 20, .id_age_ms = 2000};
constexpr uint64_t kClients = 8;  // the first half subscribes topics, the others patterns

class HubModelRun {
public:
    explicit HubModelRun(uint64_t seed);

    // One command.
    void step();

private:
    using Delivered = decltype(KeptEffects::delivered);

    static constexpr const char *kTopics[] = {"h:a", "h:b", "h:c", "t:a", "t:b", "l:a",
                                              "l:b", "b:a", "b:b", "k:a", "c:a", "p:a"};
    static constexpr const char *kPatterns[] = {"*", "h:*", "?:a", "l:?", "b*"};

    static Limits limits();
    // By the first letter of the topic.
    static const TopicPolicy &policy_of(std::string_view topic);
    uint64_t pick(uint64_t below) { return random_() % below; }
    std::string pick_topic() { return kTopics[pick(std::size(kTopics))]; }
    uint64_t now() const { return clock_.monotonic_ms(); }
    static Origin origin(const ModelClient &client);
    static bool hears(const ModelClient &client, const std::string &topic);

    // hub_model_run.cc
    void publish();
    // Some fill an answer, so that there is more.
    size_t padding_of(const std::string &topic);
    void check_publish(const proto::Publication &publication, Sent message);
    static void expect_none(const Delivered &delivered);
    void check_delivery(const std::string &topic, const Sent &sent, const Delivered &delivered);
    void sync();
    void tick();

    // hub_model_subscribe.cc
    SubscribedTopic take_answer();
    // One that subscribes topics takes or leaves one; one with patterns comes or goes.
    void change(ModelClient &client);
    void subscribe_topic(ModelClient &client, const std::string &topic);
    void check_topic_answer(const SubscribedTopic &answer, const std::string &topic,
                            const std::optional<proto::Position> &from);
    // A position that may be anything, asked by somebody who only wants to see.
    void subscribe_again();
    proto::Position pick_position(const std::string &topic);

    void subscribe_pattern(ModelClient &client);
    void check_pattern_answer(const SubscribedTopic &answer,
                              const std::optional<proto::Position> &from,
                              const HubModel::Known &known);
    void leave_pattern(ModelClient &client);

    // A client that is behind asks for more.
    void go_on();
    void replay_anything();
    Replayed check_replay(const Replay &command);

    std::mt19937_64 random_;
    test::FakeClock clock_;
    KeptEffects kept_;
    Hub hub_;
    HubModel model_{kLimits, policy_of, [this](const std::string &topic) {
                        const auto row = hub_.row(topic);
                        EXPECT_TRUE(row) << topic;
                        return row ? row->head.epoch : 0;
                    }};
    PublishedLog log_;
    std::vector<ModelClient> clients_;
    std::map<uint64_t, std::string> last_pattern_;
    uint64_t number_ = 0;
};

}  // namespace wse::hub
