// SPDX-License-Identifier: MIT
// Writes every effect of a hub down as one line, in order.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub/commands.h"

namespace wse::test {

class HubRecorder final : public hub::Effects {
public:
    void deliver(hub::LoopIndex loop, const proto::MessageRef &message) override {
        lines.push_back("deliver " + std::to_string(loop) + " " + text_of(message));
        last = message;
    }
    void deliver_to(hub::LoopIndex loop, uint64_t session, const std::string &group,
                    const proto::MessageRef &message) override {
        lines.push_back("share " + std::to_string(loop) + "/" + std::to_string(session) + " " +
                        group + " " + text_of(message));
        last = message;
    }
    void notice(hub::LoopIndex loop, const hub::NoticeRef &notice) override {
        lines.push_back("notice " + std::to_string(loop) + " " + notice->topic + " " +
                        notice->text);
    }
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override {
        std::string line = "subscribed " + std::to_string(origin.session);
        for (const auto &topic : topics) {
            line += " " + topic.name + "@" +
                    (topic.position ? std::to_string(topic.position->offset)
                                    : topic.position.error().text);
        }
        lines.push_back(line);
        answers = std::move(topics);
    }
    void replayed(const hub::Origin &, hub::Replayed part) override {
        std::string line = "replayed " + part.topic;
        for (const auto &message : part.messages)
            line += " " + std::to_string(message->position.offset);
        lines.push_back(line + (part.recovered ? "" : " lost") + (part.more ? " more" : ""));
        replay = std::move(part);
    }
    void synced(const hub::Origin &, hub::Synced state) override {
        std::string line = "synced";
        for (const auto &topic : state.topics) {
            line += " " + topic.topic + ":";
            for (const auto &message : topic.messages)
                line += " " + std::to_string(message->position.offset);
        }
        lines.push_back(line);
    }
    void published(const hub::Origin &origin, Result<proto::Position> position) override {
        lines.push_back("published " + std::to_string(origin.request) + " " +
                        (position ? "@" + std::to_string(position->offset)
                                  : status_text(position.error().status)));
    }
    bool congested() const override { return is_congested; }

    std::vector<std::string> take() { return std::exchange(lines, {}); }

    std::vector<std::string> lines;
    std::vector<hub::SubscribedTopic> answers;  // to the latest Subscribe
    hub::Replayed replay;                       // to the latest Replay
    proto::MessageRef last;
    bool is_congested = false;

private:
    static std::string text_of(const proto::MessageRef &message) {
        return message->publication.topic + "@" + std::to_string(message->position.offset) + " " +
               message->publication.payload;
    }
};

}  // namespace wse::test
