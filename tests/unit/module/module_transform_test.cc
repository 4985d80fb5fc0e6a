// SPDX-License-Identifier: MIT
#include "module/module_transform.h"

#include "support.h"

namespace wse::module {
namespace {

class ModuleTransformTest : public testing::Test {
protected:
    test::World world;
};

TEST_F(ModuleTransformTest, SaysWhatTheModuleIs) {
    const auto instance = world.run("transform_good");
    const ModuleTransform transform(*instance, 0);
    EXPECT_EQ(transform.layer(), Layer::kCipher);
    EXPECT_EQ(transform.prefix(), "Z:");
    EXPECT_EQ(transform.extension(), "");
    EXPECT_TRUE(transform.signs());
    EXPECT_EQ(transform.instance_name(), "zoo_transform_good");
}

TEST_F(ModuleTransformTest, OpensForWhomTheModuleTakes) {
    const auto instance = world.run("transform_good");
    ModuleTransform transform(*instance, 0);
    const auto opened = transform.open(R"({"key":"good"})");
    ASSERT_TRUE(opened);
    EXPECT_EQ((*opened)->reply(), R"({"good":true})");
    EXPECT_EQ((*opened)->share(), 0U) << "what a cipher makes is never shared";
    EXPECT_EQ(transform.open("{}").error().status, WSE_EDENIED);
    EXPECT_EQ(transform.open(R"({"key":"odd"})").error().status, WSE_EINVAL);
}

TEST_F(ModuleTransformTest, AppendsWhatTheModuleMakes) {
    const auto instance = world.run("transform_good");
    ModuleTransform transform(*instance, 0);
    auto state = std::move(*transform.open(R"({"key":"good"})"));
    std::string out = "Z:";
    EXPECT_EQ(state->encode("abc", 100, out), WSE_OK);
    EXPECT_EQ(out, "Z:bcd");
    std::string back;
    EXPECT_EQ(state->decode("bcd", 100, back), WSE_OK);
    EXPECT_EQ(back, "abc");
    EXPECT_EQ(state->encode("abc", 2, out), WSE_ETOOBIG);
    EXPECT_EQ(out, "Z:bcd") << "after a failure it is as it was";
}

TEST_F(ModuleTransformTest, SignsAndChangesKeysWhereTheModuleDoes) {
    const auto instance = world.run("transform_good");
    ModuleTransform transform(*instance, 0);
    auto state = std::move(*transform.open(R"({"key":"good"})"));
    std::string signature;
    EXPECT_EQ(state->sign("abc", signature), WSE_OK);
    EXPECT_EQ(state->verify("abc", signature), WSE_OK);
    EXPECT_EQ(state->verify("abd", signature), WSE_EDENIED);
    EXPECT_EQ(*state->rekey("{}"), R"({"next":1})");
}

TEST_F(ModuleTransformTest, ClosesAStateOnce) {
    const auto instance = world.run("transform_good");
    ModuleTransform transform(*instance, 0);
    transform.open(R"({"key":"good"})")->reset();
    EXPECT_TRUE(world.journal().ends_with("close 0\n")) << world.journal();
}

TEST_F(ModuleTransformTest, TakesNoReplyThatIsNoObject) {
    const auto instance = world.run("transform_wrong");
    ModuleTransform transform(*instance, 0);
    EXPECT_EQ(transform.open("{}").error().status, WSE_EIO);
}

TEST_F(ModuleTransformTest, AsksNothingOfAModuleThatHasStopped) {
    const auto instance = world.run("transform_good");
    ModuleTransform transform(*instance, 0);
    auto state = std::move(*transform.open(R"({"key":"good"})"));
    instance->begin_stop();
    ASSERT_TRUE(instance->wait_stopped());
    std::string out;
    EXPECT_EQ(state->encode("abc", 100, out), WSE_EAGAIN);
    EXPECT_EQ(transform.open(R"({"key":"good"})").error().status, WSE_EAGAIN);
}

}  // namespace
}  // namespace wse::module
