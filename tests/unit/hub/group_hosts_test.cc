// SPDX-License-Identifier: MIT
#include "hub/group_hosts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wse::hub {
namespace {

constexpr uint32_t kEpoch = 7;

proto::MessageRef message(uint64_t offset, size_t bytes = 1) {
    proto::Record record{{"a", "type", "id", std::string(bytes, 'x')}, {kEpoch, offset}};
    return proto::MessageRef(new proto::Message(std::move(record), {}));
}

std::vector<uint64_t> offsets(const std::vector<proto::MessageRef> &messages) {
    std::vector<uint64_t> all;
    for (const auto &each : messages) all.push_back(each->position.offset);
    return all;
}

TEST(GroupHosts, TakeTurnsInTheOrderOfTheirNames) {
    size_t bytes = 0;
    GroupHosts hosts(bytes);
    hosts.add("b");
    hosts.add("a");
    EXPECT_EQ(hosts.owner_of(4), "a");
    EXPECT_EQ(hosts.owner_of(5), "b");
    hosts.remove("a");
    EXPECT_EQ(hosts.owner_of(4), "b");
}

TEST(GroupHosts, GivesOutOnceWhatAHostLeavesUndone) {
    size_t bytes = 0;
    GroupHosts hosts(bytes);
    for (uint64_t offset = 1; offset <= 6; ++offset)
        hosts.keep(message(offset), offset % 2 == 0 ? "a" : "b");
    const GroupLeave leave{{kEpoch, 4}, {2}};
    EXPECT_EQ(offsets(hosts.take("a", leave)), (std::vector<uint64_t>{2, 6}));
    EXPECT_EQ(offsets(hosts.take("a", leave)), (std::vector<uint64_t>{}));
    EXPECT_EQ(offsets(hosts.take("b", {{kEpoch + 1, 0}, {}})), (std::vector<uint64_t>{}));
    EXPECT_EQ(bytes, 4U);
}

TEST(GroupHosts, KeepsTheLatestWithinTheLimitOfAllGroups) {
    size_t bytes = 0;
    {
        GroupHosts hosts(bytes);
        for (uint64_t offset = 1; offset <= GroupHosts::kMaxKept + 2; ++offset)
            hosts.keep(message(offset), "a");
        const auto kept = hosts.take("a", {{kEpoch, 0}, {}});
        EXPECT_EQ(kept.size(), GroupHosts::kMaxKept);
        EXPECT_EQ(kept.front()->position.offset, 3U);
        EXPECT_EQ(bytes, 0U);
        hosts.keep(message(1, GroupHosts::kMaxKeptBytes), "a");
        hosts.keep(message(2), "a");
        EXPECT_EQ(bytes, 1U);
        hosts.keep(message(3, GroupHosts::kMaxKeptBytes + 1), "a");
        EXPECT_EQ(bytes, 0U);
        hosts.keep(message(4), "a");
    }
    EXPECT_EQ(bytes, 0U);
}

TEST(GroupHosts, ReadsWhatItWritesOfALeave) {
    const auto leave = GroupLeave::read(GroupLeave{{kEpoch, 41}, {30, 12}}.text());
    ASSERT_TRUE(leave);
    EXPECT_EQ(leave->head, (proto::Position{kEpoch, 41}));
    EXPECT_EQ(leave->waiting, (std::vector<uint64_t>{12, 30}));
    for (const char *text : {"", "1", "left", "left 1", "left 1 2 ", "left 1 x", "left1 2"})
        EXPECT_FALSE(GroupLeave::read(text)) << text;
}

}  // namespace
}  // namespace wse::hub
