// SPDX-License-Identifier: MIT
// Presence in the hub: who is told that somebody has come or gone.
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class PresenceEventsTest : public test::HubFixture {
protected:
    void SetUp() override {
        policies["room"].presence = true;
        start({.presence = {.grace_ms = 1000}});
    }

    // What has been told since the last question: the loop, the event and the user.
    Lines told() {
        Lines events;
        for (const auto &line : effects.take()) {
            if (!line.starts_with("notice ")) continue;
            std::string event = line.substr(7, 1);
            for (const char *word : {"presence_join", "presence_leave", "presence_update", "anna",
                                     "bert", "room:a", "room:b"}) {
                if (line.find("\"" + std::string(word) + "\"") != std::string::npos)
                    event += " " + std::string(word);
            }
            events.push_back(event);
        }
        return events;
    }
    void enter(uint64_t session, const std::string &topic, const std::string &user,
               const std::string &data = "{}", bool again = false) {
        hub->subscribe({{loop_of(session), session, 0}, {{topic, again}}, {}, user, data});
    }
};

TEST_F(PresenceEventsTest, TellsTheSubscribersWhoHasJoined) {
    subscribe(0, "room:a");
    subscribe(2, "room:*");
    subscribe(1, "room:b");
    told();
    enter(5, "room:a", "anna");
    EXPECT_EQ(told(), (Lines{"0 presence_join anna room:a", "2 presence_join anna room:a"}));
}

TEST_F(PresenceEventsTest, TellsOneWhoJoinsAfterTheAnswer) {
    enter(1, "room:a", "anna");
    ASSERT_EQ(effects.lines.size(), 2U);
    EXPECT_TRUE(effects.lines[0].starts_with("subscribed 1"));
    EXPECT_TRUE(effects.lines[1].starts_with("notice 1 room:a"));
}

TEST_F(PresenceEventsTest, TellsOfAUserOnce) {
    enter(1, "room:a", "anna");
    told();
    enter(2, "room:a", "anna");
    enter(2, "room:a", "anna", "{}", true);
    EXPECT_EQ(told(), (Lines{}));
}

TEST_F(PresenceEventsTest, TellsOfAUserWhoStaysAwayLongerThanTheGrace) {
    subscribe(0, "room:a");
    enter(1, "room:a", "anna");
    unsubscribe(1, "room:a");
    told();
    clock.advance(999);
    hub->tick();
    EXPECT_EQ(told(), (Lines{}));
    clock.advance(1);
    hub->tick();
    EXPECT_EQ(told(), (Lines{"0 presence_leave anna room:a"}));
}

TEST_F(PresenceEventsTest, SaysNothingOfAUserWhoComesBackInTime) {
    subscribe(0, "room:a");
    enter(1, "room:a", "anna");
    unsubscribe(1, "room:a");
    enter(2, "room:a", "anna");
    told();
    clock.advance(5000);
    hub->tick();
    EXPECT_EQ(told(), (Lines{}));
}

TEST_F(PresenceEventsTest, TellsOfALeaveAtOnceWithoutAGrace) {
    start();
    subscribe(0, "room:a");
    enter(1, "room:a", "anna");
    enter(4, "room:a", "anna");
    unsubscribe(1, "room:a");
    told();
    unsubscribe(4, "room:a");
    EXPECT_EQ(told(), (Lines{"0 presence_leave anna room:a"}));
}

TEST_F(PresenceEventsTest, TellsOfNewData) {
    enter(1, "room:a", "anna");
    enter(1, "room:b", "anna");
    told();
    hub->update_presence({{1, 1, 0}, "room:b", "{\"x\":1}"});
    EXPECT_EQ(told(), (Lines{"1 presence_update anna room:b"}));
    hub->update_presence({{1, 1, 0}, "", "{\"x\":1}"});
    EXPECT_EQ(told(), (Lines{"1 presence_update anna room:a"}));
    enter(1, "room:a", "anna", "{\"x\":2}", true);
    EXPECT_EQ(told(), (Lines{"1 presence_update anna room:a"}));
    hub->update_presence({{2, 2, 0}, "", "{\"x\":3}"});  // who is nowhere
    EXPECT_EQ(told(), (Lines{}));
}

TEST_F(PresenceEventsTest, AnswersWithTheRosterWithTheNewOneInIt) {
    enter(1, "room:a", "bert", "{\"b\":1}");
    hub->subscribe({{2, 2, 0}, {{"room:a"}}, {}, "anna", "{\"a\":1}", true});
    const auto &roster = effects.answers.at(0).roster;
    ASSERT_TRUE(roster);
    EXPECT_EQ(roster->topic, "room:a");
    EXPECT_EQ(roster->total, 2U);
    ASSERT_EQ(roster->users.size(), 2U);
    EXPECT_EQ(roster->users[0].user, "anna");
    EXPECT_EQ(roster->users[0].data, "{\"a\":1}");
    EXPECT_EQ(roster->users[1].user, "bert");
    EXPECT_EQ(hub->roster("room:a", 1).users.size(), 1U);
    EXPECT_EQ(hub->roster("room:a", 1).total, 2U);
}

TEST_F(PresenceEventsTest, GivesARosterToOneWhoIsNotPresentItself) {
    enter(1, "room:a", "anna");
    hub->subscribe({{2, 2, 0}, {{"room:a"}}, {}, "bert", "", true});
    EXPECT_EQ(effects.answers.at(0).roster->total, 1U);
    subscribe(2, "room:b");
    EXPECT_FALSE(effects.answers.at(0).roster);
}

TEST_F(PresenceEventsTest, KnowsNobodyOnTopicsWithoutPresence) {
    hub->subscribe({{1, 1, 0}, {{"plain"}}, {}, "anna", "{}", true});
    EXPECT_EQ(told(), (Lines{}));
    EXPECT_FALSE(effects.answers.at(0).roster);
}

TEST_F(PresenceEventsTest, SaysWhoOfThisHostComesAndGoes) {
    Lines moves;
    hub->set_presence_witness([&moves](const Presence::Change &move) {
        const bool is_join = move.kind == Presence::Kind::kJoin;
        moves.push_back((is_join ? "join " : "leave ") + move.user + ' ' + move.topic + move.data);
    });
    enter(1, "room:a", "anna", "{\"x\":1}");
    enter(2, "room:a", "anna");
    EXPECT_EQ(moves, (Lines{"join anna room:a{\"x\":1}"}));
    unsubscribe(1, "room:a");
    unsubscribe(2, "room:a");
    EXPECT_EQ(moves.size(), 1U);
    clock.advance(1000);
    hub->tick();
    EXPECT_EQ(moves.back(), "leave anna room:a{}");
    hub->subscribe({{1, 3, 0}, {{"plain"}}, {}, "bert", "{}"});
    EXPECT_EQ(moves.size(), 2U) << "a topic without presence";
}

TEST_F(PresenceEventsTest, LeavesMembersOfGroupsOut) {
    hub->subscribe({{1, 1, 0}, {{"room:a", false, {}, "g"}}, {}, "anna", "{}", true});
    EXPECT_FALSE(effects.answers.at(0).roster);
    enter(2, "room:a", "bert");
    EXPECT_EQ(told(), (Lines{"2 presence_join bert room:a"}));
    EXPECT_EQ(hub->roster("room:a", 10).total, 1U);
}

TEST_F(PresenceEventsTest, LeavesWhoHasPatternsOut) {
    hub->subscribe({{1, 1, 0}, {{"room:*"}}, {}, "anna", "{}", true});
    EXPECT_EQ(told(), (Lines{}));
    EXPECT_FALSE(effects.answers.at(0).roster);
}

}  // namespace
}  // namespace wse::hub
