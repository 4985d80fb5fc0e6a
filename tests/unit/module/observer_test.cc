// SPDX-License-Identifier: MIT
#include "module/observer.h"

#include <gtest/gtest.h>

#include "support.h"

namespace wse::module {
namespace {

using test::World;

TEST(Observer, TellsTheModuleWhatHappened) {
    World world;
    auto instance = world.run("observer_all");
    Observer observer(*instance);
    observer.observe(
        {.event = WSE_OBSERVE_CLOSE, .connection = "conn", .topic = "a", .detail = "gone"});
    EXPECT_EQ(world.journal(), "create 0\nobserve 2 conn a gone\n");
}

TEST(Observer, KeepsFromTheModuleWhatItDoesNotWant) {
    World world;
    auto instance = world.run("observer_publish");
    Observer observer(*instance);
    EXPECT_EQ(observer.mask(), WSE_OBSERVE_PUBLISH);
    observer.observe({.event = WSE_OBSERVE_CLOSE});
    observer.observe({.event = WSE_OBSERVE_PUBLISH});
    EXPECT_EQ(world.journal(), "create 0\nobserve 32\n");
}

TEST(Observer, TellsNothingOnceTheModuleStops) {
    World world;
    auto instance = world.run("observer_all");
    Observer observer(*instance);
    instance->begin_stop();
    world.turn();
    observer.observe({.event = WSE_OBSERVE_OPEN});
    EXPECT_EQ(world.journal(), "create 0\nstop 0\n");
}

}  // namespace
}  // namespace wse::module
