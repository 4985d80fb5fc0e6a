// SPDX-License-Identifier: MIT
#include "module/module_event.h"

#include "support.h"

namespace wse::module {
namespace {

class ModuleEventTest : public testing::Test {
protected:
    int32_t shape(std::string_view topic, Shaping &shaping) {
        ModuleShaper shaper(*instance, 0);
        return shaper.shape({.topic = topic, .payload = "{}"}, Source::kClient, "alice", 7,
                            shaping);
    }
    void stop() {
        instance->begin_stop();
        ASSERT_TRUE(instance->wait_stopped());
    }

    test::World world;
    std::unique_ptr<Instance> instance = world.run("event_all");
};

TEST_F(ModuleEventTest, TakesWhatTheModuleSets) {
    Shaping shaping;
    EXPECT_EQ(shape("t", shaping), WSE_OK);
    EXPECT_EQ(shaping.type, "alice");
    EXPECT_EQ(shaping.priority, 8U);
    EXPECT_FALSE(shaping.payload);
}

TEST_F(ModuleEventTest, TellsDroppingFromFailing) {
    Shaping shaping;
    EXPECT_EQ(shape("drop", shaping), WSE_EDENIED);
    EXPECT_EQ(shape("fail", shaping), WSE_EIO);
}

TEST_F(ModuleEventTest, RunsOnTheServiceLoopAsWell) {
    EXPECT_EQ(instance->host().loop_count(), 2U);
    EXPECT_EQ(&instance->host().side(1).loop(), &world.service());
}

TEST_F(ModuleEventTest, MatchesWhatWasReadWithWhatWasCompiled) {
    ModuleFilters filters(*instance, 0);
    const auto filter = filters.compile(R"({"a":1})");
    ASSERT_TRUE(filter);
    for (const auto &[payload, taken] : {std::pair{R"({"b":2})", true}, {"{}", false}}) {
        const auto view = filters.read({.payload = payload});
        ASSERT_TRUE(view);
        EXPECT_EQ(filters.match(*filter, *view), taken);
        filters.close(*view);
    }
    filters.discard(*filter);
    EXPECT_TRUE(world.journal().ends_with("compile 0\nclose 0\nclose 0\ndiscard 0\n"))
        << world.journal();
}

TEST_F(ModuleEventTest, HandsTheModulesSentenceOn) {
    ModuleFilters filters(*instance, 0);
    EXPECT_EQ(filters.compile("{}").error().text, "filter: nothing to filter by");
}

TEST_F(ModuleEventTest, AsksNothingOfAModuleThatHasStopped) {
    ModuleFilters filters(*instance, 0);
    stop();
    Shaping shaping;
    EXPECT_EQ(shape("t", shaping), WSE_EAGAIN);
    EXPECT_FALSE(filters.compile(R"({"a":1})"));
    EXPECT_FALSE(filters.read({.payload = "{}"}));
}

TEST_F(ModuleEventTest, KnowsWhatTheModuleOffers) {
    EXPECT_TRUE(ModuleShaper::is_offered_by(*instance));
    EXPECT_TRUE(ModuleFilters::is_offered_by(*instance));
    const auto other = world.run("auth_sync");
    EXPECT_FALSE(ModuleShaper::is_offered_by(*other));
    EXPECT_FALSE(ModuleFilters::is_offered_by(*other));
}

}  // namespace
}  // namespace wse::module
