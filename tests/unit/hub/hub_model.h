// SPDX-License-Identifier: MIT
// What a hub should do, written for obviousness alone: every message of every topic is kept in one
// list, and each question is answered by looking through it. Memory is unlimited here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/commands.h"
#include "hub/policy.h"

namespace wse::hub {

constexpr uint32_t kModelLoops = 3;

struct Sent {
    std::string text;  // how the payload begins; it says which message this is
    size_t bytes = 0;  // of the payload
    std::string key = {};
    proto::Position position = {};
    uint64_t sequence = 0;
    uint64_t at_ms = 0;
};
using SentList = std::vector<const Sent *>;

// A replay as it should be, if there were no limit to an answer.
struct ExpectedReplay {
    std::string topic;
    proto::Position from, head;
    bool recovered = false;
    bool asked = true;
    SentList messages = {};
};

struct ModelTopic {
    uint32_t epoch = 0;
    const TopicPolicy *policy = nullptr;
    std::vector<Sent> sent = {};
    std::array<uint32_t, kModelLoops> subscribers = {};

    proto::Position head() const { return {epoch, sent.size()}; }
    bool is_idle() const;
    // Of `sent`, what the history has at that time: the last ones.
    SentList history(uint64_t now_ms) const;
    SentList retained() const;
    // All messages with a higher offset, and whether the history has every one.
    ExpectedReplay after(const std::string &name, proto::Position from, uint64_t now_ms) const;
    // The same for sequence numbers; the part of it that the history has.
    ExpectedReplay since(const std::string &name, uint64_t sequence, uint64_t now_ms) const;
};

class HubModel {
public:
    struct Limits {
        size_t topics = 0;
        size_t ids = 0;
        uint64_t id_age_ms = 0;
    };
    using Known = std::map<std::string, proto::Position>;

    // `epoch_of` tells the epoch the hub has given to a topic: any one that was never seen.
    HubModel(const Limits &limits, PolicyOf policy_of,
             std::function<uint32_t(const std::string &)> epoch_of)
        : limits_(limits), policy_of_(std::move(policy_of)), epoch_of_(std::move(epoch_of)) {}

    // Null: the server is full of topics with subscribers.
    ModelTopic *open(const std::string &name);
    const Sent *publish(const std::string &name, Sent message);  // null likewise
    std::set<LoopIndex> interested(const std::string &name) const;
    // Where a message with the id went, while it is known.
    std::optional<proto::Position> find_id(const std::string &topic, const std::string &id,
                                           uint64_t now_ms) const;
    void remember_id(const std::string &topic, const std::string &id, proto::Position position,
                     uint64_t now_ms);

    bool subscribe(const std::string &topic, LoopIndex loop);
    void unsubscribe(const std::string &topic, LoopIndex loop);
    void subscribe_pattern(const std::string &pattern, LoopIndex loop);
    void unsubscribe_pattern(const std::string &pattern, LoopIndex loop);
    // Everything the pattern's subscriber has to get, and whether that is all it missed.
    std::pair<std::vector<ExpectedReplay>, bool> recover(const std::string &pattern,
                                                         proto::Position from, const Known &known,
                                                         uint64_t now_ms) const;

    uint32_t log_epoch = 0;
    uint64_t sequence = 0;
    std::map<std::string, ModelTopic> topics;

private:
    struct Id {
        std::string topic, id;
        proto::Position position;
        uint64_t at_ms;
    };

    void update_idle(const std::string &name);

    const Limits limits_;
    const PolicyOf policy_of_;
    const std::function<uint32_t(const std::string &)> epoch_of_;
    std::vector<std::string> idle_;  // longest idle first
    std::map<std::string, std::array<uint32_t, kModelLoops>> patterns_;
    std::vector<Id> ids_;
    std::set<uint32_t> epochs_;
    uint64_t forgotten_ = 0;  // highest sequence of a forgotten stamped topic
};

}  // namespace wse::hub
