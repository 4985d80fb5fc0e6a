// SPDX-License-Identifier: MIT
#include "module/app_inbox.h"

#include <gtest/gtest.h>

#include "module/services.h"
#include "support.h"

namespace wse::module {
namespace {

// The config struct of tests/abi/zoo/app_puppet.c.
struct PuppetConfig {
    const char *journal;
    const char *mode;
    int64_t wants;
};

class AppInboxTest : public testing::Test {
protected:
    AppInboxTest() { start(0xffff); }
    ~AppInboxTest() override {
        pending.reset();
        instance.reset();
    }
    void start(int64_t wants) {
        instance.reset();
        Plan plan = test::plan_of("app_puppet", world.journal_path());
        auto *config = static_cast<PuppetConfig *>(plan.arena.allocate(sizeof(PuppetConfig)));
        *config = {plan.arena.string(world.journal_path()),
                   plan.arena.string(world.journal_path() + ".mode"), wants};
        plan.config = config;
        auto made = Instance::create(std::move(plan), world.surroundings);
        ASSERT_TRUE(made.ok());
        instance = std::move(*made);
        ASSERT_TRUE(instance->start());
        inbox = std::make_unique<ModuleAppInbox>(*instance);
    }
    void set_mode(const std::string &mode) {
        std::ofstream(world.journal_path() + ".mode") << mode;
    }
    void deliver(std::vector<AppEvent> events) {
        pending = inbox->deliver(events, [this](const Result<void> &result) {
            taken.push_back(result ? WSE_OK : result.error().status);
        });
    }

    test::World world;
    std::unique_ptr<Instance> instance;
    std::unique_ptr<ModuleAppInbox> inbox;
    std::unique_ptr<Pending> pending;
    std::vector<int> taken;
};

TEST_F(AppInboxTest, GivesTheModuleABatchInItsOrder) {
    deliver({{.event = WSE_APP_EVENT_CONNECT, .connection = "c1", .user = "ann", .data = "{}"},
             {.event = WSE_APP_EVENT_MESSAGE,
              .connection = "c1",
              .user = "ann",
              .type = "order",
              .id = "7",
              .data = R"({"n":1})"},
             {.event = WSE_APP_EVENT_DISCONNECT, .connection = "c1", .data = "bye", .code = 4000}});
    EXPECT_TRUE(taken.empty()) << "never inside the call";
    world.turn();
    EXPECT_EQ(taken, (std::vector<int>{WSE_OK}));
    EXPECT_EQ(world.journal(),
              "batch 3\nconnect|c1|ann||||0|{}\n"
              "message|c1|ann||order|7|0|{\"n\":1}\ndisconnect|c1|||||4000|bye\n");
}

TEST_F(AppInboxTest, SaysThatTheModuleDidNotTakeIt) {
    set_mode("f");
    deliver({{.event = WSE_APP_EVENT_CONNECT}});
    world.pass(20);
    EXPECT_EQ(taken, (std::vector<int>{WSE_EAGAIN}));
    EXPECT_EQ(world.journal(), "");
}

TEST_F(AppInboxTest, WaitsForTheModuleHoweverLong) {
    set_mode("h");
    deliver({{.event = WSE_APP_EVENT_CONNECT}});
    world.pass(86'400'000);
    EXPECT_TRUE(taken.empty());
    EXPECT_EQ(instance->tokens_outstanding(), 1U);
}

TEST_F(AppInboxTest, KnowsWhatTheModuleWants) {
    EXPECT_EQ(inbox->wants(), 0xffffU);
    start(app_bit(WSE_APP_EVENT_MESSAGE));
    EXPECT_EQ(inbox->wants(), app_bit(WSE_APP_EVENT_MESSAGE));
}

TEST_F(AppInboxTest, GivesNothingToAModuleThatStops) {
    instance->begin_stop();
    world.turn();
    deliver({{.event = WSE_APP_EVENT_CONNECT}});
    world.pass(20);
    EXPECT_EQ(taken, (std::vector<int>{WSE_ECANCELED}));
}

}  // namespace
}  // namespace wse::module
