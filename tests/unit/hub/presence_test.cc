// SPDX-License-Identifier: MIT
#include "hub/presence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wse::hub {
namespace {

using Lines = std::vector<std::string>;

// "join a ann {}": one change as a line.
std::string text(const Presence::Change &change) {
    const char *const kinds[] = {"none", "join", "leave", "update", "refused"};
    std::string line = kinds[static_cast<size_t>(change.kind)];
    for (const auto *part : {&change.topic, &change.user, &change.data}) {
        if (!part->empty()) line += " " + *part;
    }
    return line;
}

Lines text(const std::vector<Presence::Change> &changes) {
    Lines lines;
    for (const auto &change : changes) lines.push_back(text(change));
    return lines;
}

class PresenceTest : public testing::Test {
protected:
    std::string join(const std::string &topic, const std::string &user, uint64_t session,
                     const std::string &data = "{}") {
        return text(presence.join(topic, user, {0, session}, data));
    }
    std::string leave(const std::string &topic, uint64_t session, uint64_t now_ms = 0) {
        return text(presence.leave(topic, {0, session}, now_ms));
    }
    std::string roster(const std::string &topic, size_t limit = 100) const {
        const auto roster = presence.roster(topic, limit);
        std::string line =
            std::to_string(roster.users) + "/" + std::to_string(roster.connections) + ":";
        for (const auto &row : roster.rows)
            line += " " + row.user + row.data + std::to_string(row.connections);
        return line;
    }
    bool nothing_left() const {
        return presence.entries() == 0 && presence.topic_count() == 0 &&
               presence.connection_count() == 0 && presence.next_expiry() == Presence::kNever;
    }

    Presence presence{{.grace_ms = 100, .max_members = 3, .max_entries = 6}};
};

TEST_F(PresenceTest, AUserJoinsWithTheFirstConnection) {
    EXPECT_EQ(join("a", "ann", 1), "join a ann {}");
    EXPECT_EQ(join("a", "ann", 2), "none");
    EXPECT_EQ(join("b", "ann", 1), "join b ann {}");
    EXPECT_EQ(join("a", "ben", 3), "join a ben {}");
}

TEST_F(PresenceTest, AFurtherConnectionWithOtherDataIsAnUpdate) {
    join("a", "ann", 1, R"({"x":1})");
    EXPECT_EQ(join("a", "ann", 2, R"({"x":2})"), R"(update a ann {"x":2})");
    EXPECT_EQ(roster("a"), R"(1/2: ann{"x":2}2)");
}

TEST_F(PresenceTest, AConnectionThatJoinsAgainCountsOnce) {
    join("a", "ann", 1);
    EXPECT_EQ(join("a", "ann", 1), "none");
    EXPECT_EQ(join("a", "ann", 1, "{ }"), "update a ann { }");
    EXPECT_EQ(roster("a"), "1/1: ann{ }1");
}

TEST_F(PresenceTest, AConnectionCannotJoinAsAnotherUserAsWell) {
    join("a", "ann", 1);
    EXPECT_EQ(join("a", "ben", 1), "refused");
    EXPECT_EQ(roster("a"), "1/1: ann{}1");
}

TEST_F(PresenceTest, AUserLeavesWhenTheGraceAfterTheLastConnectionIsOver) {
    join("a", "ann", 1);
    join("a", "ann", 2);
    EXPECT_EQ(leave("a", 1, 1000), "none");
    EXPECT_EQ(presence.next_expiry(), Presence::kNever);
    EXPECT_EQ(leave("a", 2, 2000), "none");
    EXPECT_EQ(presence.next_expiry(), 2100U);
    EXPECT_EQ(text(presence.expire(2099)), Lines{});
    EXPECT_EQ(text(presence.expire(2100)), Lines{"leave a ann {}"});
    EXPECT_TRUE(nothing_left());
}

TEST_F(PresenceTest, AUserInGraceIsPresentWithoutConnections) {
    join("a", "ann", 1);
    leave("a", 1);
    EXPECT_EQ(roster("a"), "1/0: ann{}0");
}

TEST_F(PresenceTest, AJoinWithinTheGraceMakesNoNoise) {
    join("a", "ann", 1);
    leave("a", 1, 1000);
    EXPECT_EQ(join("a", "ann", 2), "none");
    EXPECT_EQ(text(presence.expire(5000)), Lines{});
    EXPECT_EQ(roster("a"), "1/1: ann{}1");
}

TEST_F(PresenceTest, AJoinWithinTheGraceWithOtherDataIsAnUpdate) {
    join("a", "ann", 1);
    leave("a", 1, 1000);
    EXPECT_EQ(join("a", "ann", 2, "{ }"), "update a ann { }");
}

TEST_F(PresenceTest, EndsEachGraceAtItsTime) {
    join("a", "ann", 1);
    join("a", "ben", 2);
    join("b", "cid", 3);
    leave("a", 2, 1000);
    leave("b", 3, 1020);
    leave("a", 1, 1040);
    EXPECT_EQ(text(presence.expire(1120)), (Lines{"leave a ben {}", "leave b cid {}"}));
    EXPECT_EQ(text(presence.expire(1140)), Lines{"leave a ann {}"});
    EXPECT_TRUE(nothing_left());
}

TEST_F(PresenceTest, AUserLeavesAtOnceWithoutGrace) {
    Presence strict({.grace_ms = 0});
    strict.join("a", "ann", {0, 1}, "{}");
    strict.join("a", "ann", {1, 1}, "{}");
    EXPECT_EQ(text(strict.leave("a", {1, 1}, 0)), "none");
    EXPECT_EQ(text(strict.leave("a", {0, 1}, 0)), "leave a ann {}");
    EXPECT_EQ(strict.topic_count(), 0U);
    EXPECT_EQ(strict.entries(), 0U);
}

TEST_F(PresenceTest, IgnoresALeaveOfWhoIsNotThere) {
    join("a", "ann", 1);
    EXPECT_EQ(leave("a", 2), "none");
    EXPECT_EQ(leave("b", 1), "none");
    EXPECT_EQ(roster("a"), "1/1: ann{}1");
}

TEST_F(PresenceTest, AClosedConnectionLeavesAllItsTopics) {
    Presence strict({.grace_ms = 0});
    for (const char *topic : {"b", "a", "c"}) strict.join(topic, "ann", {0, 1}, "{}");
    strict.join("c", "ann", {0, 2}, "{}");
    EXPECT_EQ(text(strict.leave_all({0, 1}, 0)), (Lines{"leave a ann {}", "leave b ann {}"}));
    EXPECT_EQ(strict.connection_count(), 1U);
    EXPECT_EQ(strict.roster("c", 1).connections, 1U);
    EXPECT_EQ(text(strict.leave_all({0, 1}, 0)), Lines{});
}

TEST_F(PresenceTest, AClosedConnectionStartsTheGraceInAllItsTopics) {
    join("a", "ann", 1);
    join("b", "ann", 1);
    EXPECT_EQ(text(presence.leave_all({0, 1}, 1000)), Lines{});
    EXPECT_EQ(text(presence.expire(1100)), (Lines{"leave a ann {}", "leave b ann {}"}));
    EXPECT_TRUE(nothing_left());
}

TEST_F(PresenceTest, AnUpdateReachesAllTopicsOfTheConnection) {
    join("a", "ann", 1);
    join("b", "ann", 1);
    join("c", "ann", 2);
    EXPECT_EQ(text(presence.update({0, 1}, "{ }")),
              (Lines{"update a ann { }", "update b ann { }"}));
    EXPECT_EQ(roster("c"), "1/1: ann{}1");
}

TEST_F(PresenceTest, AnUpdateOfOneTopicLeavesTheOthers) {
    join("a", "ann", 1);
    join("b", "ann", 1);
    EXPECT_EQ(text(presence.update({0, 1}, "{ }", "b")), Lines{"update b ann { }"});
    EXPECT_EQ(text(presence.update({0, 1}, "{ }", "c")), Lines{});
    EXPECT_EQ(text(presence.update({0, 7}, "{ }", "a")), Lines{});
    EXPECT_EQ(text(presence.update({0, 7}, "{ }")), Lines{});
    EXPECT_EQ(roster("a"), "1/1: ann{}1");
}

TEST_F(PresenceTest, AnUpdateWithTheSameDataIsNone) {
    join("a", "ann", 1);
    EXPECT_EQ(text(presence.update({0, 1}, "{}")), Lines{});
}

TEST_F(PresenceTest, TheNewestDataWins) {
    join("a", "ann", 1, "{1}");
    join("a", "ann", 2, "{2}");
    presence.update({0, 1}, "{3}");
    leave("a", 1);
    EXPECT_EQ(roster("a"), "1/1: ann{3}1");
}

TEST_F(PresenceTest, RefusesAUserBeyondTheMembersOfATopic) {
    for (uint64_t i = 1; i <= 3; ++i) join("a", "user" + std::to_string(i), i);
    EXPECT_EQ(join("a", "user4", 4), "refused");
    EXPECT_EQ(join("a", "user1", 5), "none");
    EXPECT_EQ(join("b", "user4", 4), "join b user4 {}");
    EXPECT_EQ(presence.roster("a", 10).users, 3U);
}

TEST_F(PresenceTest, AUserInGraceKeepsTheMembership) {
    for (uint64_t i = 1; i <= 3; ++i) join("a", "user" + std::to_string(i), i);
    leave("a", 1, 1000);
    EXPECT_EQ(join("a", "user4", 4), "refused");
    presence.expire(1100);
    EXPECT_EQ(join("a", "user4", 4), "join a user4 {}");
}

TEST_F(PresenceTest, RefusesEntriesBeyondTheLimitInAll) {
    for (uint64_t i = 1; i <= 3; ++i) join("a", "ann", i);
    for (uint64_t i = 1; i <= 3; ++i) join("topic" + std::to_string(i), "ben", 9);
    EXPECT_EQ(presence.entries(), 6U);
    EXPECT_EQ(join("a", "ann", 4), "refused");
    EXPECT_EQ(join("b", "cid", 5), "refused");
    EXPECT_EQ(presence.topic_count(), 4U);
    EXPECT_EQ(presence.connection_count(), 4U);
    leave("a", 1);
    EXPECT_EQ(join("a", "ann", 4), "none");
}

TEST_F(PresenceTest, OtherHostsHaveALimitOfTheirOwnAndStayWithinIt) {
    for (const char user : std::string("abcdef"))
        presence.join_remote({"a", std::string(1, user), "them"}, "{}");
    EXPECT_EQ(text(presence.join_remote({"a", "g", "them"}, "{}")), "refused");
    EXPECT_EQ(join("b", "ann", 1), "join b ann {}");
    presence.doubt_remotes("a");
    for (const char user : std::string("abcdef"))
        EXPECT_EQ(text(presence.join_remote({"a", std::string(1, user), "them"}, "{}")), "none");
    EXPECT_EQ(text(presence.drop_doubted("a")), Lines{});
    EXPECT_EQ(presence.remote_entries(), 6U);
    presence.leave_remotes("", "them", 1000);
    EXPECT_EQ(presence.next_expiry(), 1100U);
    EXPECT_EQ(text(presence.expire(1100)).size(), 6U);
    EXPECT_EQ(presence.remote_entries(), 0U);
}

TEST_F(PresenceTest, AUserInGraceComesBackWhenAllEntriesAreTaken) {
    for (uint64_t i = 1; i <= 6; ++i) join("topic" + std::to_string(i), "ann", 1);
    leave("topic6", 1);
    EXPECT_EQ(presence.entries(), 6U);
    EXPECT_EQ(join("topic6", "ann", 2), "none");
    EXPECT_EQ(presence.entries(), 6U);
}

TEST_F(PresenceTest, ListsTheFirstUsersByNameWithAllTotals) {
    join("a", "cid", 1);
    join("a", "ann", 2);
    join("a", "ben", 3);
    join("a", "ann", 4);
    EXPECT_EQ(roster("a", 2), "3/4: ann{}2 ben{}1");
    EXPECT_EQ(roster("b"), "0/0:");
}

TEST_F(PresenceTest, RecordsTheMovesOfThisHostsOwnUsers) {
    join("a", "ann", 1);
    EXPECT_EQ(text(presence.take_moves()), Lines{}) << "nobody wants them";
    presence.record_moves(true);
    join("a", "ben", 2, R"({"x":1})");
    join("a", "ben", 3);
    presence.join_remote({"a", "cid", "host-2"}, "{}");
    presence.join_remote({"a", "ben", "host-2"}, "{}");
    EXPECT_EQ(text(presence.take_moves()), (Lines{R"(join a ben {"x":1})"}));
    leave("a", 2, 0);
    leave("a", 3, 0);
    EXPECT_EQ(text(presence.take_moves()), Lines{}) << "in grace";
    presence.expire(100);
    EXPECT_EQ(text(presence.take_moves()), (Lines{"leave a ben {}"})) << "though it is elsewhere";
    join("a", "cid", 4);
    EXPECT_EQ(text(presence.take_moves()), (Lines{"join a cid {}"})) << "here for the first time";
}

TEST_F(PresenceTest, CountsTheSameAfterManyComingsAndGoings) {
    Presence busy({.grace_ms = 50, .max_members = 0});
    uint64_t now_ms = 0;
    for (uint64_t i = 0; i < 20'000; ++i) {
        const Presence::Connection connection{0, i * 7 % 40};
        const std::string topic = "topic" + std::to_string(i * 13 % 11);
        const std::string user = "user" + std::to_string(connection.session % 9);
        if (i % 3 != 2) {
            busy.join(topic, user, connection, i % 5 == 0 ? "{}" : "{ }");
        } else if (i % 2 == 0) {
            busy.leave(topic, connection, now_ms);
        } else {
            busy.leave_all(connection, now_ms);
        }
        busy.expire(now_ms += i % 4);
    }
    EXPECT_GT(busy.entries(), 0U);
    for (uint64_t i = 0; i < 40; ++i) busy.leave_all({0, i}, now_ms);
    busy.expire(now_ms + 50);
    EXPECT_EQ(busy.entries() + busy.topic_count() + busy.connection_count(), 0U);
}

}  // namespace
}  // namespace wse::hub
