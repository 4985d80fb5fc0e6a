// SPDX-License-Identifier: MIT
// A client that follows the rules: it goes on from the positions it has seen, takes no live message
// of a topic while it is behind there, and asks for the rest. It must see every message of a topic
// in order, none twice, unless it was told that some are gone.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/glob.h"
#include "hub/commands.h"

namespace wse::hub {

// What was published to each stamped topic, over all its incarnations: the payloads' beginnings.
using PublishedLog = std::map<std::string, std::vector<std::string>>;

class ModelClient {
public:
    ModelClient(PublishedLog &log, uint64_t number) : session(number), log_(log) {}

    const uint64_t session;
    std::string pattern = {};                     // that it subscribes
    std::optional<proto::Position> from = {};     // where it can go on with it
    std::map<std::string, bool> subscribed = {};  // topics

    // Subscribes without a position: what came before is nothing to it.
    void forget() {
        topics_.clear();
        from.reset();
        for (const auto &[name, published] : log_) topics_[name].next = published.size();
    }
    void forget(const std::string &topic) { topics_[topic] = {{}, log_[topic].size(), false}; }

    void on_topic(const SubscribedTopic &answer) {
        if (answer.recovered) return take(answer.replays.at(0), true);
        lose(answer.name, *answer.position);
    }
    void on_pattern(const SubscribedTopic &answer, bool resumes) {
        for (auto &[name, topic] : topics_) topic.behind = false;
        std::map<std::string, bool> replayed;
        for (const auto &part : answer.replays) {
            replayed[part.topic] = true;
            take(part, part.recovered && (part.asked || answer.recovered));
        }
        for (const auto &[name, published] : log_) {
            if (replayed.contains(name) || !glob_match(answer.name, name)) continue;
            if (resumes && answer.recovered) {
                EXPECT_EQ(topics_[name].next, published.size()) << "not told of losses in " << name;
            }
            topics_[name].next = published.size();
        }
        from = *answer.position;
    }
    // Not `complete`: of a topic the client did not know, something may be gone.
    void take(const Replayed &part, bool complete) {
        Topic &topic = topics_[part.topic];
        topic.behind = part.more;
        if (part.asked && !part.recovered) return lose(part.topic, part.head);
        topic.at = part.from;
        if (!complete) topic.next = log_[part.topic].size() - part.count;
        for (const auto &message : part.messages) receive(topic, message);
    }
    void live(const proto::MessageRef &message) {
        Topic &topic = topics_[message->publication.topic];
        if (topic.behind) return;
        if (topic.at && topic.at->epoch == message->position.epoch) {
            EXPECT_EQ(message->position.offset, topic.at->offset + 1);
        }
        receive(topic, message);
        EXPECT_EQ(topic.next, log_[message->publication.topic].size());
    }

    // Of a topic in which it is behind.
    std::optional<Replay> ask() const {
        for (const auto &[name, topic] : topics_) {
            if (topic.behind)
                return Replay{{static_cast<uint32_t>(session % 3), session, 0}, name, *topic.at};
        }
        return std::nullopt;
    }
    std::optional<proto::Position> position(const std::string &topic) { return topics_[topic].at; }
    std::vector<std::pair<std::string, proto::Position>> known() const {
        std::vector<std::pair<std::string, proto::Position>> all;
        for (const auto &[name, topic] : topics_) {
            if (topic.at) all.emplace_back(name, *topic.at);
        }
        return all;
    }
    // It hears nothing until it subscribes the topic again.
    void leave(const std::string &topic) { topics_[topic].behind = false; }

private:
    struct Topic {
        std::optional<proto::Position> at = {};
        size_t next = 0;  // in the log
        bool behind = false;
    };

    void lose(const std::string &name, proto::Position head) {
        topics_[name] = {head, log_[name].size(), false};
    }
    void receive(Topic &topic, const proto::MessageRef &message) {
        const auto &published = log_[message->publication.topic];
        ASSERT_LT(topic.next, published.size());
        EXPECT_TRUE(message->publication.payload.starts_with(published[topic.next]))
            << "of " << message->publication.topic << " not message " << topic.next;
        ++topic.next;
        topic.at = message->position;
    }

    PublishedLog &log_;
    std::map<std::string, Topic> topics_;
};

}  // namespace wse::hub
