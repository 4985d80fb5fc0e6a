// SPDX-License-Identifier: MIT
#include "server/backplane_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/topic_policies.h"
#include "zoo_modules.h"

namespace wse::server {
namespace {

using testing::HasSubstr;

class BackplaneModule : public test::ZooModules {
protected:
    std::string problems() {
        config::Diagnostics diagnostics;
        check_backplane(loaded, *modules, diagnostics);
        has_error = !diagnostics.ok();
        return diagnostics.render();
    }
    bool has_error = false;
};

TEST_F(BackplaneModule, IsOneAtMost) {
    load({"backplane_loop"}, "[module.second]\nload = \"backplane_loop.so\"\n");
    EXPECT_THAT(problems(), HasSubstr("a second module of kind backplane, beside module.second"));
    EXPECT_TRUE(has_error);
}

TEST_F(BackplaneModule, MayBeAlone) {
    load({"backplane_loop"}, "[[topic]]\nmatch = \"a\"\nscope = \"cluster\"\n");
    EXPECT_EQ(problems(), "");
}

TEST_F(BackplaneModule, IsMissedWhereATopicSaysThatItIsShared) {
    load({}, "[[topic]]\nmatch = \"a\"\nscope = \"cluster\"\n[[topic]]\nmatch = \"b\"\n");
    EXPECT_THAT(problems(), HasSubstr("topic.scope: cluster, and no module joins"));
    EXPECT_FALSE(has_error);
}

TEST(TopicPolicies, AreSharedOnceThereIsAClusterUnlessTheirRowSaysOtherwise) {
    const std::vector<config::TopicRow> rows = {{.match = "here:*", .scope = config::Scope::kHost},
                                                {.match = "all:*"}};
    TopicPolicies policies(rows);
    for (const char *topic : {"here:1", "all:1", "none"})
        EXPECT_FALSE(policies.of(topic).clustered) << topic;
    policies.join_cluster();
    EXPECT_FALSE(policies.of("here:1").clustered);
    EXPECT_TRUE(policies.of("all:1").clustered);
    EXPECT_TRUE(policies.of("none").clustered);
}

}  // namespace
}  // namespace wse::server
