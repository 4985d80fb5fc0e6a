// SPDX-License-Identifier: MIT
#include "server/unused_modules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zoo_modules.h"

namespace wse::server {
namespace {

using testing::HasSubstr;

class UnusedModules : public test::ZooModules {
protected:
    std::string because(wse_kind kind, const std::string &name) {
        return unused_because(loaded.settings(), *modules, *modules->find(kind, name));
    }
};

TEST_F(UnusedModules, AreAuthModulesThatNoListenerNames) {
    load({"auth_sync", "auth_late"}, "auth = \"auth_late\"\n");
    EXPECT_EQ(because(WSE_KIND_AUTH, "auth_late"), "");
    EXPECT_THAT(because(WSE_KIND_AUTH, "auth_sync"), HasSubstr("no listener names it"));
}

TEST_F(UnusedModules, AreNotTheOnlyOneOfItsKind) {
    load({"auth_sync"});
    EXPECT_EQ(because(WSE_KIND_AUTH, "auth_sync"), "");
}

TEST_F(UnusedModules, AreNoApplications) {
    load({"app_idle"});
    EXPECT_EQ(because(WSE_KIND_APP, "app_idle"), "");
}

TEST_F(UnusedModules, AreNoObservers) {
    load({"observer_all"});
    EXPECT_EQ(because(WSE_KIND_OBSERVER, "observer_all"), "");
}

}  // namespace
}  // namespace wse::server
