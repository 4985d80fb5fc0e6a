// SPDX-License-Identifier: MIT
// Every shipped module has a manual page, whose options are those of its table.
#include "config/manual.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "module/library.h"

namespace wse::module {
namespace {

std::vector<std::string> shipped() {
    std::vector<std::string> names;
    std::istringstream list(WSE_SHIPPED_MODULES);
    for (std::string name; list >> name;) names.push_back(name);
    return names;
}

class ModulePage : public testing::TestWithParam<std::string> {};

// After a change of a table: tools/update-man, which sets WSE_UPDATE_MANUAL, writes the list anew.
TEST_P(ModulePage, ListsTheOptionsOfTheTable) {
    const std::string &name = GetParam();
    const std::string file = std::string(WSE_SOURCE_DIR) + "/man/wse-" + name + ".5";
    std::ifstream in(file);
    ASSERT_TRUE(in) << file << " is missing: every shipped module has a page";
    const std::string page((std::istreambuf_iterator<char>(in)), {});
    auto library = Library::open(std::string(WSE_MODULES_DIR) + '/' + name + ".so");
    ASSERT_TRUE(library) << library.error().text;
    EXPECT_NE(page.find("\n.Nm wse-" + name + '\n'), std::string::npos);
    EXPECT_NE(page.find("\n.\\\" options of " + name + '\n'), std::string::npos);
    const std::string kind = kind_name((*library)->descriptor().def.kind);
    EXPECT_NE(page.find("kind\n.Li " + kind), std::string::npos) << "says its kind";
    const std::string wanted =
        config::manual_with_options(page, name, (*library)->descriptor().options());
    if (std::getenv("WSE_UPDATE_MANUAL")) std::ofstream(file) << wanted;
    EXPECT_EQ(page, wanted);
}

INSTANTIATE_TEST_SUITE_P(Shipped, ModulePage, testing::ValuesIn(shipped()),
                         [](const auto &each) { return each.param; });

}  // namespace
}  // namespace wse::module
