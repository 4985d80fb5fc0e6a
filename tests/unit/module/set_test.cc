// SPDX-License-Identifier: MIT
#include "module/set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support.h"

namespace wse::module {
namespace {

using test::Asked;
using test::World;
using test::zoo_path;

// A configuration file with some [module.X] sections, and what came of it.
struct Configured : World {
    explicit Configured(const std::string &modules, size_t loops = 1) : World(loops) {
        std::ofstream(file()) << modules;
        config::LoadRequest request;
        request.path = file();
        request.module_dir = WSE_ZOO_DIR;
        request.getenv = [](const char *) -> const char * { return nullptr; };
        loaded = config::load(request, diagnostics);
        EXPECT_TRUE(diagnostics.ok()) << diagnostics.render();
        set = ModuleSet::load(loaded, diagnostics);
    }
    ~Configured() { set.reset(); }

    std::string file() const { return directory.file("wse.toml"); }
    bool create() { return set->create(surroundings, loaded, diagnostics); }
    std::string problems() const { return diagnostics.render(); }

    test::TempDir directory;
    config::Diagnostics diagnostics;
    config::Loaded loaded;
    std::unique_ptr<ModuleSet> set;
};

std::string listener() {
    return "[listen.main]\naddress = \"127.0.0.1:0\"\nanonymous = true\n";
}

TEST(ModuleSet, BindsOptionsAndRunsEveryInstance) {
    test::TempDir directory;
    const std::string one = directory.file("one"), two = directory.file("two");
    Configured world(
        listener() + "auth = \"first\"\n[module.first]\nload = \"auth_sync.so\"\njournal = \"" +
        one + "\"\n[module.second]\nload = \"auth_sync.so\"\njournal = \"" + two + "\"\n");
    ASSERT_TRUE(world.diagnostics.ok()) << world.problems();
    EXPECT_TRUE(world.set->has(WSE_KIND_AUTH, "second"));
    EXPECT_FALSE(world.set->has(WSE_KIND_AUTH, "third"));
    EXPECT_FALSE(world.set->has(WSE_KIND_AUTH, ""));
    ASSERT_TRUE(world.create()) << world.problems();
    ASSERT_TRUE(world.set->start());
    ASSERT_NE(world.set->authenticator("first", 0), nullptr);
    EXPECT_EQ(world.set->authenticator("first", 0)->instance_name(), "first");
    EXPECT_EQ(world.set->authenticator("second", 0)->instance_name(), "second");
    EXPECT_EQ(world.set->authenticator("third", 0), nullptr);
    EXPECT_EQ(world.set->authenticator("", 0), nullptr);  // which of the two?
    EXPECT_TRUE(world.set->stop());
    world.set.reset();
    EXPECT_EQ(test::read_file(one), "create 0\nstart 0\nstop 0\ndestroy 0\n");
    EXPECT_EQ(test::read_file(two), "create 0\nstart 0\nstop 0\ndestroy 0\n");
}

TEST(ModuleSet, TakesTheOnlyAuthInstanceWhenNoneIsNamed) {
    Configured world(listener() + "[module.minimal]\n");
    EXPECT_TRUE(world.set->has(WSE_KIND_AUTH, ""));
    ASSERT_TRUE(world.create()) << world.problems();
    ASSERT_NE(world.set->authenticator("", 0), nullptr);
    EXPECT_EQ(world.set->authenticator("", 0)->instance_name(), "minimal");
    EXPECT_EQ(world.set->authenticator("", 1), nullptr);
}

TEST(ModuleSet, ReportsEveryRefusedModuleAtItsPlace) {
    Configured world(listener() +
                     "[module.bad_magic]\n"
                     "[module.sound]\nload = \"minimal.so\"\n"
                     "[module.other]\nload = \"bad_kind_unknown.so\"\n"
                     "[module.check_fails]\n");
    EXPECT_EQ(world.diagnostics.error_count(), 3u);
    const std::string at = world.file();
    EXPECT_THAT(world.problems(), ::testing::HasSubstr(at + ":4:"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr("bad_magic.so: wse_module begins with"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr(at + ":8:"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr("this server knows kinds 1 to 7"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr(at + ":9:"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr("journal and diary cannot be given"));
}

TEST(ModuleSet, HasOneModuleAtMostThatOffersFilters) {
    Configured world(listener() + "[module.event_all]\n[module.more]\nload = \"event_all.so\"\n");
    EXPECT_THAT(world.problems(),
                ::testing::HasSubstr("'more' offers filters, and so does 'event_all'"));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr("wse.toml:5:"));
}

TEST(ModuleSet, ReportsAnUnknownOptionAtItsPlace) {
    Configured world(listener() + "[module.auth_sync]\njornal = \"/tmp/x\"\n");
    EXPECT_THAT(world.problems(), ::testing::HasSubstr(world.file() + ":5:1: "));
    EXPECT_THAT(world.problems(), ::testing::HasSubstr("journal"));
}

TEST(ModuleSet, CreatesNothingInCheckMode) {
    test::TempDir directory;
    const std::string journal = directory.file("journal");
    Configured world(listener() + "[module.auth_sync]\njournal = \"" + journal + "\"\n");
    EXPECT_TRUE(world.diagnostics.ok()) << world.problems();
    EXPECT_EQ(world.set->tables().size(), 1u);
    world.set.reset();
    EXPECT_EQ(test::read_file(journal), "");
}

TEST(ModuleSet, HasNoInstancesAfterOneCouldNotBeCreated) {
    test::TempDir directory;
    const std::string journal = directory.file("journal");
    Configured world(listener() + "auth = \"auth_sync\"\n[module.auth_sync]\njournal = \"" +
                     journal + "\"\n[module.create_fails]\n");
    EXPECT_FALSE(world.create());
    EXPECT_THAT(world.problems(),
                ::testing::HasSubstr(":7:9: module create_fails: create: out of memory"));
    EXPECT_EQ(test::read_file(journal), "create 0\ndestroy 0\n");
    EXPECT_TRUE(world.set->rows().empty());
}

TEST(ModuleSet, StopsWhatHadStartedWhenAnotherDoesNotStart) {
    test::TempDir directory;
    const std::string journal = directory.file("journal");
    Configured world(listener() + "auth = \"auth_sync\"\n[module.auth_sync]\njournal = \"" +
                         journal + "\"\n[module.start_fails_on_loop_1]\n",
                     2);
    ASSERT_TRUE(world.create()) << world.problems();
    const auto started = world.set->start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().text,
                ::testing::StartsWith("module start_fails_on_loop_1: start on loop 1: "));
    world.set.reset();
    EXPECT_EQ(test::read_file(journal), "create 0\nstart 0\nstart 1\nstop 0\nstop 1\ndestroy 0\n");
}

TEST(ModuleSet, ShowsModulesAndTheirCounters) {
    Configured world(listener() + "[module.mine]\nload = \"auth_sync.so\"\n");
    ASSERT_TRUE(world.create()) << world.problems();
    ASSERT_TRUE(world.set->start());
    const auto asked = Asked::of(*world.set->authenticator("mine", 0), "alice");
    const auto rows = world.set->rows();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].name, "mine");
    EXPECT_EQ(rows[0].module, "auth_sync");
    EXPECT_EQ(rows[0].version, "1.0");
    EXPECT_EQ(rows[0].kind, "auth");
    EXPECT_EQ(rows[0].path, zoo_path("auth_sync"));
    EXPECT_EQ(rows[0].loops, std::vector<std::string>{"loop0"});
    ASSERT_EQ(world.set->stats().size(), 2u);
    EXPECT_EQ(world.set->stats()[0].name, "mine.asked");
    EXPECT_EQ(world.set->stats()[0].value, 1);
    world.turn();
}

}  // namespace
}  // namespace wse::module
