// SPDX-License-Identifier: MIT
// Effects of a hub, kept for comparison, and the comparison with what the model expects.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub_model.h"

namespace wse::hub {

// Of one command.
struct KeptEffects final : Effects {
    void deliver(LoopIndex loop, const proto::MessageRef &message) override {
        delivered.emplace_back(loop, message);
    }
    void deliver_to(LoopIndex, uint64_t, const std::string &, const proto::MessageRef &) override {
        ADD_FAILURE() << "there are no groups";
    }
    void notice(LoopIndex, const NoticeRef &) override { ADD_FAILURE() << "there is no presence"; }
    void subscribed(const Origin &, std::vector<SubscribedTopic> topics) override {
        for (auto &topic : topics) answers.push_back(std::move(topic));
    }
    void replayed(const Origin &, Replayed part) override { replays.push_back(std::move(part)); }
    void synced(const Origin &, Synced state) override { syncs.push_back(std::move(state.topics)); }
    void published(const Origin &, Result<proto::Position> position) override {
        positions.push_back(std::move(position));
    }
    bool congested() const override { return false; }

    std::vector<std::pair<LoopIndex, proto::MessageRef>> delivered;
    std::vector<SubscribedTopic> answers;
    std::vector<Replayed> replays;
    std::vector<std::vector<Retained>> syncs;
    std::vector<Result<proto::Position>> positions;
};

inline void expect_message(const proto::MessageRef &message, const Sent &sent) {
    const std::string &payload = message->publication.payload;
    EXPECT_EQ(message->position, sent.position);
    EXPECT_EQ(message->sequence, sent.sequence);
    EXPECT_EQ(payload.size(), sent.bytes);
    EXPECT_TRUE(payload.starts_with(sent.text)) << sent.text;
}

inline void expect_messages(const std::vector<proto::MessageRef> &messages,
                            const SentList &expected) {
    ASSERT_EQ(messages.size(), expected.size());
    for (size_t i = 0; i < messages.size(); ++i) expect_message(messages[i], *expected[i]);
}

// What is left of the budget of one answer.
struct BudgetLeft {
    size_t messages = 1000;
    size_t bytes = size_t{256} << 10;
};

// How many of them fit: at least one, unless nothing is left at all.
inline size_t fitting(const SentList &messages, const BudgetLeft &left) {
    if (left.messages == 0 || left.bytes == 0) return 0;
    size_t fit = 0;
    for (size_t bytes = 0; fit < std::min(messages.size(), left.messages); ++fit) {
        bytes += messages[fit]->bytes;
        if (bytes > left.bytes) break;
    }
    return std::max(fit, std::min<size_t>(1, messages.size()));
}

inline void expect_replay(const Replayed &part, const ExpectedReplay &expected, BudgetLeft &left) {
    EXPECT_EQ(part.topic, expected.topic);
    EXPECT_EQ(part.head, expected.head);
    EXPECT_EQ(part.from, expected.from);
    EXPECT_EQ(part.recovered, expected.recovered);
    EXPECT_EQ(part.asked, expected.asked);
    EXPECT_EQ(part.count, expected.messages.size());
    const size_t fit = fitting(expected.messages, left);
    EXPECT_EQ(part.more, fit < expected.messages.size());
    expect_messages(part.messages, {expected.messages.begin(),
                                    expected.messages.begin() + static_cast<std::ptrdiff_t>(fit)});
    left.messages -= fit;
    for (size_t i = 0; i < fit; ++i)
        left.bytes -= std::min(left.bytes, expected.messages[i]->bytes + 1);
}

inline void expect_retained(const std::vector<Retained> &retained,
                            const std::vector<std::pair<std::string, SentList>> &expected) {
    ASSERT_EQ(retained.size(), expected.size());
    for (size_t i = 0; i < retained.size(); ++i) {
        EXPECT_EQ(retained[i].topic, expected[i].first);
        expect_messages(retained[i].messages, expected[i].second);
    }
}

}  // namespace wse::hub
