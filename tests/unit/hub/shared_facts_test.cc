// SPDX-License-Identifier: MIT
// Presence and queue groups of topics that hosts share.
#include "support/fake_cluster.h"
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

constexpr uint32_t kEpoch = 0xabcd;

class SharedFactsTest : public test::HubFixture {
protected:
    void SetUp() override {
        policies["s"] = history(5);
        policies["s"].clustered = true;
        policies["s"].presence = true;
        start({.presence = {.grace_ms = 0}});
        hub->set_cluster(&cluster);
    }
    void use_grace(uint64_t grace_ms) {
        start({.presence = {.grace_ms = grace_ms}});
        hub->set_cluster(&cluster);
    }
    void wait(uint64_t ms) {
        clock.advance(ms);
        hub->tick();
    }
    void join(uint64_t session, const std::string &user, const std::string &data = "{}") {
        Subscribe command{{loop_of(session), session, 0}, {{"s:1"}}};
        command.user = user;
        command.presence = data;
        hub->subscribe(command);
        hub->followed({"s:1", {kEpoch, 0}, {}, "us"});
        effects.take();
    }
    void enter_group(uint64_t session) {
        hub->subscribe({{loop_of(session), session, 0}, {{"s:1", false, {}, "g"}}});
        hub->followed({"s:1", {kEpoch, 0}, {}, "us"});
    }
    void other(const std::string &host, const std::string &user, const std::string &data) {
        hub->fact({Fact::Kind::kPresent, "s:1", user, data, host});
    }
    void group_on(const std::string &host, const std::string &value = "1") {
        hub->fact({Fact::Kind::kGroup, "s:1", "g", value, host});
    }
    void give_back(uint64_t session, uint64_t offset) {
        proto::Record record{{"s:1", "type", "id", "x"}, {kEpoch, offset}};
        hub->give_back({loop_of(session), session, false, "g",
                        proto::MessageRef(new proto::Message(std::move(record), {}))});
    }
    std::string present() const {
        std::string text;
        for (const auto &user : hub->roster("s:1", 100).users) text += user.user + user.data + " ";
        return text;
    }
    Lines remote(uint64_t offset) {
        hub->remote({{"s:1", "type", "id", "x"}, {kEpoch, offset}});
        return effects.take();
    }

    test::FakeCluster cluster;
};

TEST_F(SharedFactsTest, TellsTheOthersWhoIsHere) {
    join(1, "ann", "{\"a\":1}");
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0", "fact s:1 ann={\"a\":1}"}));
    hub->update_presence({{loop_of(1), 1, 0}, "s:1", "{\"a\":2}"});
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 ann={\"a\":2}"}));
    unsubscribe(1, "s:1");
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 ann="}));
}

TEST_F(SharedFactsTest, TellsThoseHereWhoIsOnOtherHosts) {
    join(1, "ann");
    other("them", "bob", "{}");
    EXPECT_NE(effects.take().at(0).find("presence_join"), std::string::npos);
    EXPECT_EQ(present(), "ann{} bob{} ");
    other("them", "bob", "");
    EXPECT_NE(effects.take().at(0).find("presence_leave"), std::string::npos);
    EXPECT_EQ(present(), "ann{} ");
}

TEST_F(SharedFactsTest, KeepsAUserAsLongAsAnyHostHasIt) {
    join(1, "ann");
    other("them", "ann", "{}");
    unsubscribe(1, "s:1");
    EXPECT_EQ(effects.take(), Lines{});
    EXPECT_EQ(present(), "ann{} ");
    other("those", "ann", "{}");
    other("them", "ann", "");
    EXPECT_EQ(present(), "ann{} ");
    other("those", "ann", "");
    EXPECT_EQ(present(), "");
}

TEST_F(SharedFactsTest, PassesOverItsOwnFactsWhenTheyComeBack) {
    join(1, "ann");
    other("us", "ann", "");
    other("us", "eve", "{}");
    EXPECT_EQ(present(), "ann{} ");
}

TEST_F(SharedFactsTest, TellsThatThoseOfAHostThatIsGoneHaveLeft) {
    join(1, "ann");
    other("them", "bob", "{}");
    other("them", "cid", "{}");
    other("those", "cid", "{}");
    effects.take();
    hub->fact({.host = "them"});
    EXPECT_EQ(effects.take().size(), 1U);
    EXPECT_EQ(present(), "ann{} cid{} ");
}

TEST_F(SharedFactsTest, GivesThoseOfAHostThatIsGoneTimeToComeToAnother) {
    use_grace(3'000);
    join(1, "ann");
    other("them", "bob", "{}");
    other("them", "cid", "{}");
    effects.take();
    hub->fact({.host = "them"});
    wait(2'000);
    other("those", "bob", "{}");
    hub->followed(
        {"s:1", {kEpoch, 0}, {}, "us", {{Fact::Kind::kPresent, "s:1", "bob", "{}", "those"}}});
    EXPECT_EQ(effects.take(), Lines{});
    EXPECT_EQ(present(), "ann{} bob{} cid{} ");
    wait(1'000);
    EXPECT_EQ(effects.take().size(), 1U);
    EXPECT_EQ(present(), "ann{} bob{} ");
}

TEST_F(SharedFactsTest, IsToldNothingOfATopicThatItHasLeft) {
    other("them", "bob", "{}");
    EXPECT_EQ(present(), "");
}

TEST_F(SharedFactsTest, MakesNoNoiseWhenFactsAreToldAnew) {
    join(1, "ann");
    other("them", "bob", "{}");
    other("them", "cid", "{}");
    effects.take();
    cluster.take();
    const Fact bob{Fact::Kind::kPresent, "s:1", "bob", "{}", "them"};
    hub->followed({"s:1", {kEpoch, 0}, {}, "us", {bob}});
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 ann={}"}));
    EXPECT_EQ(effects.take().size(), 1U);
    EXPECT_EQ(present(), "ann{} bob{} ");
}

TEST_F(SharedFactsTest, AnswersASubscriptionWithAllWhoArePresent) {
    Subscribe command{{loop_of(1), 1, 0}, {{"s:1"}}};
    command.roster = true;
    hub->subscribe(command);
    const Fact bob{Fact::Kind::kPresent, "s:1", "bob", "{}", "them"};
    hub->followed({"s:1", {kEpoch, 0}, {}, "us", {bob}});
    ASSERT_TRUE(effects.answers.at(0).roster);
    EXPECT_EQ(effects.answers[0].roster->total, 1U);
}

TEST_F(SharedFactsTest, TakesTurnsWithTheOtherHostsOfAGroup) {
    enter_group(1);
    EXPECT_EQ(cluster.take(), (Lines{"follow s:1@0", "fact s:1 g=1"}));
    effects.take();
    group_on("us");
    EXPECT_EQ(remote(1), (Lines{"share 1/1 g s:1@1 x"}));
    group_on("them");
    EXPECT_EQ(remote(2), Lines{});  // "them" is the first of two
    EXPECT_EQ(remote(3), (Lines{"share 1/1 g s:1@3 x"}));
    EXPECT_EQ(remote(4), Lines{});
    group_on("them", "");
    EXPECT_EQ(remote(5), (Lines{"share 1/1 g s:1@5 x"}));
}

TEST_F(SharedFactsTest, LeavesMessagesToOthersUntilItsOwnMembersAreKnown) {
    enter_group(1);
    effects.take();
    group_on("them");
    EXPECT_EQ(remote(1), Lines{});
}

TEST_F(SharedFactsTest, TellsThatTheLastMemberHasLeft) {
    enter_group(1);
    cluster.take();
    unsubscribe(1, "s:1", "g");
    wait(500);
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 g=left 43981 0"}));
    group_on("us", "left 43981 0");
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 g="}));
}

TEST_F(SharedFactsTest, TellsTheOthersWhatItsLastMemberLeavesUndone) {
    enter_group(1);
    group_on("us");
    group_on("them");
    for (uint64_t offset = 1; offset <= 3; ++offset) remote(offset);
    unsubscribe(1, "s:1", "g");
    for (uint64_t offset = 4; offset <= 6; ++offset) remote(offset);
    give_back(1, 3);
    cluster.take();
    wait(500);
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 g=left 43981 6 5 3"}));
    EXPECT_EQ(hub->state().group_dropped, 0U);
}

TEST_F(SharedFactsTest, GivesANewMemberWhatWaitsForOne) {
    enter_group(1);
    group_on("us");
    effects.take();
    unsubscribe(1, "s:1", "g");
    EXPECT_EQ(remote(1), Lines{});
    enter_group(2);
    EXPECT_EQ(effects.take().back(), "share 2/2 g s:1@1 x");
    cluster.take();
    wait(500);
    EXPECT_EQ(cluster.take(), Lines{});
}

TEST_F(SharedFactsTest, KeepsTheTurnsOfAGroupForThoseWhoComeAndGo) {
    enter_group(1);
    group_on("us");
    group_on("them");
    for (int turn = 0; turn < 4; ++turn) {
        unsubscribe(1, "s:1", "g");
        cluster.take();
        wait(200);
        EXPECT_EQ(cluster.take(), Lines{});
        enter_group(1);
        wait(200);
    }
    unsubscribe(1, "s:1", "g");
    cluster.take();
    wait(400);
    EXPECT_EQ(cluster.take(), Lines{});
    wait(100);
    EXPECT_EQ(cluster.take(), (Lines{"fact s:1 g=left 43981 0"}));
}

TEST_F(SharedFactsTest, TakesOverWhatAnotherHostLeavesUndone) {
    enter_group(1);
    for (const char *host : {"them", "us"}) group_on(host);
    for (uint64_t offset = 1; offset <= 6; ++offset) remote(offset);
    group_on("them", "left 43981 4 2");
    EXPECT_EQ(effects.take(), (Lines{"share 1/1 g s:1@2 x", "share 1/1 g s:1@6 x"}));
    EXPECT_EQ(remote(8), (Lines{"share 1/1 g s:1@8 x"}));
}

TEST_F(SharedFactsTest, TakesTurnsAlsoWithWhatAnotherHostLeavesUndone) {
    enter_group(1);
    for (const char *host : {"them", "those", "us"}) group_on(host);
    for (uint64_t offset = 1; offset <= 6; ++offset) remote(offset);
    group_on("them", "left 43981 0");
    EXPECT_EQ(effects.take(), (Lines{"share 1/1 g s:1@3 x"}));
    group_on("those", "left 43981 5");
    EXPECT_EQ(effects.take(), (Lines{"share 1/1 g s:1@6 x"}));
}

}  // namespace
}  // namespace wse::hub
