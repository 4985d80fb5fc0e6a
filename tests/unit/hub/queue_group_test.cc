// SPDX-License-Identifier: MIT
#include "hub/queue_group.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace wse::hub {
namespace {

QueueGroup::Member member(uint64_t session) {
    return {0, session};
}

proto::MessageRef message(uint64_t offset, size_t bytes = 10) {
    return make_ref<const proto::Message>(
        proto::Record{{"topic", "type", "id", std::string(bytes, 'x'), {}}, {1, offset}, offset, 0},
        proto::Handling{});
}

class QueueGroupTest : public testing::Test {
protected:
    using Sessions = std::vector<uint64_t>;

    void add(const Sessions &sessions) {
        for (const uint64_t session : sessions) group.add(member(session));
    }
    // The sessions of the next turns; 0 when nobody is ready.
    Sessions turns(size_t count) {
        Sessions result;
        for (size_t i = 0; i < count; ++i) {
            const auto next = group.next();
            result.push_back(next ? next->session : 0);
        }
        return result;
    }

    QueueGroup group;
};

TEST_F(QueueGroupTest, GivesEveryMemberATurn) {
    add({1, 2, 3});
    EXPECT_EQ(turns(7), (Sessions{1, 2, 3, 1, 2, 3, 1}));
}

TEST_F(QueueGroupTest, HasNobodyNextWhenItIsEmpty) {
    EXPECT_EQ(turns(1), Sessions{0});
    add({1});
    group.remove(member(1));
    EXPECT_TRUE(group.empty());
    EXPECT_EQ(turns(1), Sessions{0});
}

TEST_F(QueueGroupTest, TellsMembersOfDifferentLoopsApart) {
    group.add({0, 1});
    group.add({1, 1});
    EXPECT_EQ(group.next()->loop, 0U);
    EXPECT_EQ(group.next()->loop, 1U);
}

TEST_F(QueueGroupTest, CountsAMemberThatIsAddedAgainOnce) {
    add({1, 2, 1});
    EXPECT_EQ(group.size(), 2U);
    EXPECT_EQ(turns(4), (Sessions{1, 2, 1, 2}));
}

TEST_F(QueueGroupTest, KeepsTheTurnsOfOthersWhenTheNextMemberIsRemoved) {
    add({1, 2, 3, 4});
    EXPECT_EQ(turns(1), Sessions{1});
    group.remove(member(2));
    EXPECT_EQ(turns(4), (Sessions{3, 4, 1, 3}));
}

TEST_F(QueueGroupTest, PassesOverFullMembers) {
    add({1, 2, 3});
    group.set_full(member(2), true);
    EXPECT_EQ(turns(4), (Sessions{1, 3, 1, 3}));
    EXPECT_EQ(group.size(), 3U);
    group.set_full(member(2), false);
    EXPECT_EQ(turns(3), (Sessions{1, 3, 2}));
}

TEST_F(QueueGroupTest, HasNobodyNextWhileAllAreFull) {
    add({1, 2});
    group.set_full(member(1), true);
    group.set_full(member(2), true);
    EXPECT_EQ(turns(1), Sessions{0});
    group.set_full(member(2), false);
    EXPECT_EQ(turns(2), (Sessions{2, 2}));
}

TEST_F(QueueGroupTest, ForgetsAFullMemberThatIsRemoved) {
    add({1, 2});
    group.set_full(member(1), true);
    group.remove(member(1));
    group.set_full(member(1), false);
    EXPECT_EQ(group.size(), 1U);
    EXPECT_EQ(turns(2), (Sessions{2, 2}));
}

TEST_F(QueueGroupTest, IgnoresWhatIsToldTwice) {
    add({1, 2});
    group.set_full(member(1), true);
    group.set_full(member(1), true);
    group.set_full(member(1), false);
    group.set_full(member(2), false);
    group.remove(member(7));
    EXPECT_EQ(turns(4), (Sessions{2, 1, 2, 1}));
}

TEST_F(QueueGroupTest, SharesManyMessagesFairlyWhileMembersComeAndGo) {
    add({1, 2, 3});
    std::vector<size_t> counts(5);
    for (size_t i = 0; i < 3000; ++i) {
        if (i % 7 == 0) group.add(member(4));
        if (i % 7 == 3) group.remove(member(4));
        ++counts[turns(1).front()];
    }
    const auto [least, most] = std::minmax({counts[1], counts[2], counts[3]});
    EXPECT_LE(most - least, 1U);
}

TEST_F(QueueGroupTest, ReleasesWhatWaitsInOrder) {
    EXPECT_FALSE(group.release());
    EXPECT_EQ(group.hold(message(1)), 0U);
    EXPECT_EQ(group.hold(message(2)), 0U);
    EXPECT_EQ(group.waiting(), 2U);
    EXPECT_EQ(group.release()->position.offset, 1U);
    EXPECT_EQ(group.release()->position.offset, 2U);
    EXPECT_FALSE(group.release());
}

TEST_F(QueueGroupTest, DropsTheOldestBeyondTheCount) {
    for (uint64_t i = 1; i <= QueueGroup::kMaxWaiting; ++i) EXPECT_EQ(group.hold(message(i)), 0U);
    EXPECT_EQ(group.hold(message(5000)), 1U);
    EXPECT_EQ(group.waiting(), QueueGroup::kMaxWaiting);
    EXPECT_EQ(group.release()->position.offset, 2U);
}

TEST_F(QueueGroupTest, DropsTheOldestBeyondTheBytes) {
    const size_t quarter = QueueGroup::kMaxWaitingBytes / 4;
    for (uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(group.hold(message(i, quarter)), 0U);
    EXPECT_EQ(group.hold(message(5, quarter + 1)), 2U);
    EXPECT_EQ(group.release()->position.offset, 3U);
    EXPECT_EQ(group.hold(message(6, quarter)), 0U);
}

TEST_F(QueueGroupTest, KeepsTheNewestWhateverItsSize) {
    group.hold(message(1));
    EXPECT_EQ(group.hold(message(2, QueueGroup::kMaxWaitingBytes + 1)), 1U);
    EXPECT_EQ(group.release()->position.offset, 2U);
    EXPECT_EQ(group.hold(message(3)), 0U);
    EXPECT_EQ(group.hold(message(4)), 0U);
}

}  // namespace
}  // namespace wse::hub
