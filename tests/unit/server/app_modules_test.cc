// SPDX-License-Identifier: MIT
#include "server/app_modules.h"

#include <gtest/gtest.h>

#include "zoo_modules.h"

namespace wse::server {
namespace {

class AppModules : public test::ZooModules {
protected:
    std::string problems() const {
        config::Diagnostics diagnostics;
        check_applications(loaded, *modules, diagnostics);
        return diagnostics.render();
    }
};

TEST_F(AppModules, AreAllOfTheirKind) {
    load({"app_idle", "observer_all"});
    const auto inboxes = app_inboxes_of(*modules);
    ASSERT_EQ(inboxes.size(), 1U);
    EXPECT_EQ(inboxes[0]->instance_name(), "app_idle");
    EXPECT_EQ(problems(), "");
}

TEST_F(AppModules, AreWhatAListenerNames) {
    load({"app_idle", "observer_all"}, "app = [\"app_idle\"]\n");
    EXPECT_EQ(problems(), "");
    load({"app_idle", "observer_all"}, "app = [\"observer_all\"]\n");
    EXPECT_NE(problems().find("listen.main.app: 'observer_all' is no module of kind app"),
              std::string::npos)
        << problems();
}

}  // namespace
}  // namespace wse::server
