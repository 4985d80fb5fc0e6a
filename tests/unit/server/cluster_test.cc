// SPDX-License-Identifier: MIT
#include "server/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster_fixture.h"
#include "module/bytes.h"
#include "support/fake_clock.h"

namespace wse::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Calls = std::vector<std::string>;

class ClusterTest : public testing::Test {
protected:
    ClusterTest() {
        settings.cluster.publish_timeout_ms = 10'000;
        settings.limits.max_publish_size = 1000;
        settings.limits.max_topic_length = 100;
        policy.clustered = true;
        policy.history = {.messages = 5, .age_ms = 1000, .bytes = 1 << 20};
        auto owned = std::make_unique<test::FakeBackplane>();
        module = owned.get();
        cluster = std::make_unique<Cluster>(loop, settings, clock, counters, hub, std::move(owned),
                                            Cluster::Limits{.publish_bytes = 4000, .facts = 2});
    }
    void turn() { uv_run(loop.uv(), UV_RUN_NOWAIT); }
    void pass(uint64_t ms) {
        clock.advance(ms);
        loop.timers().advance(clock.monotonic_ms());
        turn();
    }
    void submit(hub::SubmitTicket ticket, const std::string &payload = "{}") {
        cluster->submit(
            ticket,
            {.topic = "news", .type = "t", .id = "m1", .payload = payload, .id_given = true},
            policy);
    }
    static hub::Fact alice(const std::string &value) {
        return {.topic = "room", .key = "alice", .value = value, .host = {}};
    }
    wse_fact fact_of(const char *host) const {
        wse_fact fact = {};
        fact.struct_size = sizeof fact;
        fact.kind = WSE_FACT_PRESENT;
        fact.topic = module::to_bytes("room");
        fact.key = module::to_bytes("alice");
        fact.value = module::to_bytes("{}");
        fact.host = module::to_bytes(host);
        return fact;
    }

    wse::test::FakeClock clock;
    config::Settings settings;
    Counters counters;
    Loop loop{"service", clock};
    test::FakeHub hub;
    hub::TopicPolicy policy;
    test::FakeBackplane *module = nullptr;
    std::unique_ptr<Cluster> cluster;
};

TEST_F(ClusterTest, DoesOnTheServiceLoopWhatTheHubWants) {
    cluster->follow("news", {7, 3}, policy);
    submit(1);
    cluster->unfollow("news");
    EXPECT_THAT(module->take_calls(), IsEmpty());
    turn();
    EXPECT_THAT(module->take_calls(),
                ElementsAre("follow news 3", "submit news m1 5 given", "unfollow news"));
}

TEST_F(ClusterTest, BringsPlacesAndRefusalsToTheHub) {
    submit(1);
    submit(2);
    turn();
    ASSERT_EQ(module->submits.size(), 2U);
    EXPECT_EQ(module->deadlines[0], 10'000U);
    module->submits[1](Error{WSE_ETIMEDOUT, "late"});
    module->submits[0](module::Place{7, 4});
    EXPECT_THAT(hub.answers, ElementsAre("2 refused -6", "1 at 4"));
    EXPECT_EQ(module->questions_left, 2);
    EXPECT_EQ(counters.read(Counter::cluster_published), 1U);
    EXPECT_EQ(counters.read(Counter::cluster_refused), 1U);
}

TEST_F(ClusterTest, RefusesWhatHasNoRoomOnTheWayToTheModule) {
    for (hub::SubmitTicket ticket = 1; ticket <= 6; ++ticket)
        submit(ticket, std::string(900, ' ') + "{}");
    EXPECT_THAT(hub.answers, ElementsAre("4 refused -3", "5 refused -3", "6 refused -3"));
    turn();
    submit(7);
    turn();
    EXPECT_EQ(module->submits.size(), 4U);
}

TEST_F(ClusterTest, AsksThatAtLeastAsMuchIsKeptAsTheTopicRetains) {
    policy.history.messages = 0;
    policy.retain = hub::Retain::kLast;
    submit(1);
    policy.retain = hub::Retain::kLastByKey;
    submit(2);
    turn();
    EXPECT_THAT(module->take_calls(),
                ElementsAre("submit news m1 1 given", "submit news m1 10000 given"));
}

TEST_F(ClusterTest, FollowsNothingThatTheModuleRefusesForGood) {
    module->status = WSE_ENOTFOUND;
    cluster->follow("a", {}, policy);
    turn();
    module->calls.clear();
    pass(520);
    EXPECT_THAT(module->take_calls(), IsEmpty());
}

TEST_F(ClusterTest, TriesAgainToFollowUntilNobodyWantsTheTopic) {
    module->status = WSE_EAGAIN;
    cluster->follow("a", {}, policy);
    cluster->follow("b", {}, policy);
    turn();
    EXPECT_EQ(module->take_calls().size(), 2U);
    cluster->unfollow("b");
    turn();
    EXPECT_THAT(module->take_calls(), IsEmpty()) << "it has never followed b";
    pass(520);
    EXPECT_THAT(module->take_calls(), ElementsAre("follow a 0"));
    module->status = WSE_OK;
    pass(520);
    EXPECT_THAT(module->take_calls(), ElementsAre("follow a 0"));
    pass(520);
    cluster->unfollow("a");
    turn();
    EXPECT_THAT(module->take_calls(), ElementsAre("unfollow a"));
}

TEST_F(ClusterTest, PassesOnFactsAndOfThoseThatMustWaitOnlyTheLatest) {
    module->status = WSE_EAGAIN;
    cluster->set_fact(alice("{}"));
    cluster->set_fact(alice(""));
    turn();
    module->calls.clear();
    module->status = WSE_OK;
    pass(520);
    EXPECT_THAT(module->take_calls(), ElementsAre("fact room alice "));
    pass(520);
    EXPECT_THAT(module->take_calls(), IsEmpty());
}

TEST_F(ClusterTest, GivesUpAFactThatTheModuleRefusesForGood) {
    module->status = WSE_EINVAL;
    cluster->set_fact(alice("{}"));
    turn();
    module->calls.clear();
    pass(520);
    EXPECT_THAT(module->take_calls(), IsEmpty());
}

TEST_F(ClusterTest, TellsTheHubItsOwnFactsWhereTheModuleHasNone) {
    module->takes_facts = false;
    cluster->set_fact(alice("{}"));
    turn();
    ASSERT_EQ(hub.facts.size(), 1U);
    EXPECT_EQ(hub.facts[0].host, "");
    EXPECT_THAT(module->take_calls(), IsEmpty());
}

TEST_F(ClusterTest, AsksTheModuleWhatAnOperatorWants) {
    std::vector<std::string> said;
    const auto keep = [&](const Result<std::string> &answer) {
        said.push_back(answer ? *answer : answer.error().text);
    };
    cluster->command("{}", keep);
    cluster->command("{}", keep);
    module->answer_command(std::string("[1]"));
    module->answer_command(Error{WSE_ENOTFOUND, "nothing"});
    EXPECT_EQ(said, (Calls{"[1]", "nothing"}));
    EXPECT_EQ(module->questions_left, 2);
}

TEST_F(ClusterTest, DoesWhatTheHubHasWishedBeforeItStops) {
    bool is_stopped = false;
    cluster->set_fact(alice(""));
    cluster->stop([&] { is_stopped = true; });
    EXPECT_FALSE(is_stopped);
    turn();
    EXPECT_THAT(module->take_calls(), ElementsAre("fact room alice "));
    EXPECT_TRUE(is_stopped);
}

TEST_F(ClusterTest, AsksNothingAnyMoreOnceItIsStopped) {
    cluster->stop([] {});
    cluster->follow("news", {}, policy);
    cluster->unfollow("news");
    cluster->set_fact(alice("{}"));
    turn();
    EXPECT_THAT(module->take_calls(), IsEmpty());
    EXPECT_EQ(cluster->remote_fact(fact_of("")), WSE_EAGAIN);
}

TEST_F(ClusterTest, StopsWhenWhatIsUnderWayHasItsPlace) {
    bool is_stopped = false;
    submit(1);
    submit(2);
    cluster->stop([&] { is_stopped = true; });
    turn();
    module->submits[0](module::Place{7, 4});
    EXPECT_FALSE(is_stopped);
    module->submits[1](module::Place{7, 5});
    EXPECT_TRUE(is_stopped);
    EXPECT_THAT(hub.answers, ElementsAre("1 at 4", "2 at 5"));
}

TEST_F(ClusterTest, AnswersWhatWaitsWhenItStopsAndWhatComesAfter) {
    std::vector<int32_t> said;
    const auto keep = [&](const Result<std::string> &answer) {
        said.push_back(answer ? WSE_OK : answer.error().status);
    };
    submit(1);
    turn();
    cluster->command("{}", keep);
    cluster->stop([] {});
    submit(2);
    turn();
    EXPECT_THAT(hub.answers, ElementsAre("2 refused -7"));
    pass(1020);
    EXPECT_THAT(hub.answers, ElementsAre("2 refused -7", "1 refused -7"));
    EXPECT_THAT(said, ElementsAre(WSE_ECANCELED));
    EXPECT_EQ(module->questions_left, 2);
    cluster->command("{}", keep);
    EXPECT_EQ(said.size(), 1U) << "inside the call";
    turn();
    EXPECT_THAT(said, ElementsAre(WSE_ECANCELED, WSE_ECANCELED));
}

}  // namespace
}  // namespace wse::server
