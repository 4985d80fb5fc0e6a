// SPDX-License-Identifier: MIT
#include "module/backplane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "module/bytes.h"
#include "support.h"

namespace wse::module {
namespace {

using test::World;

// What the module brings in, one line each.
class Heard final : public Services {
public:
    int32_t publish(const std::string &, const wse_message &) override { return WSE_EAGAIN; }
    int32_t history(std::string_view, uint64_t, HistoryDone) override { return WSE_EAGAIN; }
    int32_t publish_then(const std::string &, const wse_message &, PlacedDone) override {
        return WSE_EAGAIN;
    }
    int32_t remote_message(const std::string &, const wse_message &message) override {
        if (is_behind) return WSE_EAGAIN;
        lines.push_back(text("message", message.topic) + ' ' +
                        std::string(to_view(message.payload)) + ' ' +
                        std::to_string(message.offset));
        return WSE_OK;
    }
    int32_t followed(const std::string &, const wse_followed &followed) override {
        lines.push_back(text("followed", followed.topic) + ' ' + std::to_string(followed.offset) +
                        ' ' + std::to_string(followed.count));
        return WSE_OK;
    }
    int32_t remote_fact(const std::string &, const wse_fact &fact) override {
        lines.push_back(text("fact", fact.topic) + ' ' + std::string(to_view(fact.key)) + ' ' +
                        std::string(to_view(fact.host)));
        return WSE_OK;
    }
    int32_t broadcast_received(const std::string &, std::string_view data) override {
        lines.push_back("broadcast " + std::string(data));
        return WSE_OK;
    }
    void health(const std::string &, int32_t status, std::string_view text) override {
        lines.push_back("health " + std::to_string(status) + ' ' + std::string(text));
    }
    int32_t app_command(const std::string &, const wse_app_command &, CalledDone) override {
        return WSE_OK;
    }
    int32_t api_call(const std::string &, std::string_view, std::string_view, CalledDone) override {
        return WSE_OK;
    }
    int32_t batch_progress(const std::string &) override { return WSE_OK; }

    bool is_behind = false;
    std::vector<std::string> lines;

private:
    static std::string text(const char *what, const wse_bytes &topic) {
        return std::string(what) + ' ' + std::string(to_view(topic));
    }
};

struct Front : World {
    Front() {
        surroundings.services = &heard;
        instance = run("backplane_loop");
        backplane = std::make_unique<ModuleBackplane>(*instance);
        heard.lines.clear();
    }
    ~Front() {
        pending.clear();
        instance.reset();
    }
    void submit(std::string_view topic, std::string_view payload, bool id_given = false) {
        pending.push_back(backplane->submit({.topic = topic, .id = "m1", .payload = payload},
                                            {.topic = topic, .id_given = id_given}, 1000,
                                            [this](const Result<Place> &result) {
                                                places.push_back(result ? result->offset : 0);
                                                if (!result) failure = result.error();
                                            }));
    }

    Heard heard;
    std::unique_ptr<Instance> instance;
    std::unique_ptr<ModuleBackplane> backplane;
    std::vector<std::unique_ptr<Pending>> pending;
    std::vector<uint64_t> places;
    std::optional<Error> failure;
};

TEST(Backplane, GivesMessagesTheirPlacesAndNeverInsideTheCall) {
    Front front;
    front.submit("news", R"({"n":1})");
    front.submit("news", R"({"n":2})", true);
    EXPECT_TRUE(front.places.empty());
    front.turn();
    EXPECT_EQ(front.places, (std::vector<uint64_t>{1, 2}));
    EXPECT_EQ(front.journal(), "submit 0\nsubmit_given 0\n");
}

TEST(Backplane, FollowsWithWhatIsThereAndPassesOnWhatComes) {
    Front front;
    front.submit("news", R"({"n":1})");
    EXPECT_EQ(front.backplane->follow({.topic = "news"}), WSE_OK);
    front.submit("news", R"({"n":2})");
    EXPECT_EQ(front.backplane->follow({.topic = "news", .have = {7, 1}}), WSE_OK);
    front.backplane->unfollow("news");
    front.submit("news", R"({"n":3})");
    EXPECT_THAT(front.heard.lines,
                testing::ElementsAre("followed news 1 1", R"(message news {"n":2} 2)",
                                     "followed news 2 1"));
    front.turn();
}

TEST(Backplane, BringsTheSameMessageAgainWhenItCouldNotBeTaken) {
    Front front;
    EXPECT_EQ(front.backplane->follow({.topic = "n*"}), WSE_OK);
    front.heard.is_behind = true;
    front.submit("news", R"({"n":1})");
    front.submit("news", R"({"n":2})");
    front.turn();
    EXPECT_EQ(front.places.size(), 2U);
    front.heard.is_behind = false;
    front.turn();
    EXPECT_THAT(front.heard.lines,
                testing::ElementsAre("followed n* 0 0", R"(message news {"n":1} 1)",
                                     R"(message news {"n":2} 2)"));
}

TEST(Backplane, IsToldOfFactsAndBroadcastsAndHeardOfThem) {
    Front front;
    EXPECT_EQ(front.backplane->set_fact(
                  {.kind = WSE_FACT_PRESENT, .topic = "room", .key = "alice", .value = "{}"}),
              WSE_OK);
    EXPECT_EQ(front.backplane->broadcast("{}"), WSE_OK);
    front.submit("zoo:say", R"({"hello":1})");
    front.submit("zoo:deaf", "{}");
    front.turn();
    EXPECT_THAT(front.heard.lines,
                testing::ElementsAre("fact room alice 0123456789abcdef", R"(broadcast {"hello":1})",
                                     "health -3 the zoo is closed"));
}

TEST(Backplane, AnswersOperators) {
    Front front;
    std::vector<std::string> said;
    const auto keep = [&](const Result<std::string> &answer) {
        said.push_back(answer ? *answer : answer.error().text);
    };
    front.pending.push_back(front.backplane->command(R"({"command":"status"})", 1000, keep));
    front.pending.push_back(front.backplane->command(R"({"command":"dlq_list"})", 1000, keep));
    EXPECT_TRUE(said.empty());
    front.turn();
    EXPECT_THAT(said, testing::ElementsAre(testing::HasSubstr("0123456789abcdef"),
                                           "the zoo has no letters"));
}

TEST(Backplane, IsWaitedForNoLongerThanTheDeadline) {
    Front front;
    front.submit("zoo:slow", "{}");
    front.submit("zoo:full", "{}");
    front.pass(TimerWheel::kTickMs);
    ASSERT_TRUE(front.failure);
    EXPECT_EQ(front.failure->status, WSE_EAGAIN);
    front.pass(1000 + TimerWheel::kTickMs);
    EXPECT_EQ(front.failure->status, WSE_ETIMEDOUT);
    EXPECT_EQ(front.instance->tokens_outstanding(), 0U) << "cancel is answered";
}

TEST(Backplane, IsAskedNothingOnceItStops) {
    Front front;
    front.instance->begin_stop();
    front.turn();
    EXPECT_EQ(front.backplane->follow({.topic = "news"}), WSE_ECANCELED);
    EXPECT_EQ(front.backplane->broadcast("{}"), WSE_ECANCELED);
    EXPECT_EQ(front.backplane->set_fact({.topic = "room"}), WSE_ECANCELED);
    front.backplane->unfollow("news");
    EXPECT_EQ(front.journal(), "");
}

}  // namespace
}  // namespace wse::module
