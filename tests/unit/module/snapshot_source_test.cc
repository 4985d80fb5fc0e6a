// SPDX-License-Identifier: MIT
#include "module/snapshot_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "support.h"

namespace wse::module {
namespace {

using test::World;

// One instance, its front, and what became of the latest question.
struct Source : World {
    explicit Source(const std::string &module) {
        surroundings.strict = false;
        instance = run(module);
        source = std::make_unique<ModuleSnapshotSource>(*instance);
    }
    ~Source() {
        pending.reset();
        instance.reset();
    }
    std::unique_ptr<Pending> ask(std::string_view topic, std::string_view user = "alice",
                                 std::string_view params = {}) {
        return source->request({.topic = topic,
                                .user = user,
                                .params = params,
                                .position = {7, 42},
                                .deadline_ms = 1000},
                               [this](Result<Snapshot> result) { answer = std::move(result); });
    }
    int status() const { return !answer ? 1 : answer->ok() ? WSE_OK : answer->error().status; }

    std::unique_ptr<Instance> instance;
    std::unique_ptr<ModuleSnapshotSource> source;
    std::unique_ptr<Pending> pending;
    std::optional<Result<Snapshot>> answer;
};

TEST(SnapshotSource, AsksWithTopicPositionAndParamsAndBringsTheAnswer) {
    Source world("snapshot_sync");
    world.pending = world.ask("orders:older", "alice", R"({"page":2})");
    EXPECT_FALSE(world.answer);
    world.turn();
    ASSERT_EQ(world.status(), WSE_OK);
    EXPECT_EQ(world.answer->value().data, R"({"user":"","params":{"page":2},"offset":42})");
    EXPECT_EQ(world.answer->value().as_of->epoch, 7U);
    EXPECT_EQ(world.answer->value().as_of->offset, 41U);
}

TEST(SnapshotSource, PassesOnThatTheTopicHasNoState) {
    Source world("snapshot_sync");
    world.pending = world.ask("orders:none");
    world.pass(TimerWheel::kTickMs);
    EXPECT_EQ(world.status(), WSE_ENOTFOUND);
}

TEST(SnapshotSource, RefusesAnUnsoundAnswer) {
    Source world("snapshot_sync");
    world.pending = world.ask("orders:nonsense");
    world.turn();
    EXPECT_EQ(world.status(), WSE_EIO);
}

TEST(SnapshotSource, TellsTheUserOnlyToAModuleWhoseAnswersAreForOne) {
    Source world("snapshot_sync");
    EXPECT_FALSE(world.source->per_user());
    Source gate("snapshot_gate");
    EXPECT_TRUE(gate.source->per_user());
    gate.pending = gate.ask("gate:open", "bob");
    while (!gate.answer) gate.turn();  // it comes from a thread
    EXPECT_THAT(gate.answer->value().data, ::testing::HasSubstr(R"("user":"bob")"));
}

TEST(SnapshotSource, GivesUpAtTheDeadlineAndTellsTheModule) {
    Source world("snapshot_never");
    world.pending = world.ask("orders");
    world.pass(999);
    EXPECT_FALSE(world.answer);
    world.pass(1 + TimerWheel::kTickMs);
    EXPECT_EQ(world.status(), WSE_ETIMEDOUT);
    EXPECT_THAT(world.journal(), ::testing::EndsWith("cancel 0\n"));
}

TEST(SnapshotSource, IgnoresAnAnswerThatComesTooLate) {
    Source world("snapshot_late");
    world.pending = world.ask("orders");
    world.pass(1000 + TimerWheel::kTickMs);
    EXPECT_EQ(world.status(), WSE_ETIMEDOUT);
    EXPECT_THAT(world.journal(), ::testing::EndsWith("accepted 0\n"));
    EXPECT_EQ(world.count(Counter::tokens_late), 1U);
}

TEST(SnapshotSource, TellsTheModuleWhenTheAskerLeaves) {
    Source world("snapshot_never");
    world.ask("orders").reset();
    EXPECT_THAT(world.journal(), ::testing::EndsWith("cancel 0\n"));
    world.pass(5000);
    EXPECT_FALSE(world.answer);
}

}  // namespace
}  // namespace wse::module
