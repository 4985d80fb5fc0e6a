// SPDX-License-Identifier: MIT
// wsectl module: new projects, and module files as text.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "wsectl/project.h"
#include "wsectl/show_module.h"

namespace wse::ctl {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string read(const fs::path &path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

class NewModule : public testing::Test {
protected:
    void SetUp() override { ASSERT_NE(mkdtemp(directory_), nullptr); }
    void TearDown() override { fs::remove_all(directory_); }

    ProjectPlan plan(const std::string &kind, const std::string &name,
                     const std::string &language = "c") const {
        return {kind, name, language, path(name)};
    }
    std::string path(const std::string &name) const { return directory_ + ('/' + name); }
    static std::string refusal(const ProjectPlan &plan) {
        const auto files = write_project(plan, WSE_TEMPLATES);
        return files ? "written" : files.error().text;
    }

private:
    char directory_[32] = "/tmp/wse-new-XXXXXX";
};

TEST_F(NewModule, IsAWholeProject) {
    const auto files = write_project(plan("snapshot", "orders"), WSE_TEMPLATES);
    ASSERT_TRUE(files) << files.error().text;
    EXPECT_THAT(*files, ElementsAre("CMakeLists.txt", "README.md", "orders.c", "orders_test.c"));
    const std::string source = read(path("orders") + "/orders.c");
    EXPECT_THAT(source, HasSubstr("WSE_MODULE(WSE_KIND_SNAPSHOT, 0),\n    \"orders\","));
    EXPECT_THAT(source, HasSubstr("static int32_t request_snapshot("));
    EXPECT_THAT(read(path("orders") + "/CMakeLists.txt"), HasSubstr("LANGUAGES C)"));
}

TEST_F(NewModule, HasNoPlaceholderLeft) {
    for (const char *language : {"c", "c++"}) {
        for (wse_kind kind = WSE_KIND_AUTH; kind <= WSE_KIND_APP; ++kind) {
            const std::string name = "m" + std::to_string(kind) + (language[1] ? "x" : "");
            const auto files =
                write_project(plan(module::kind_name(kind), name, language), WSE_TEMPLATES);
            ASSERT_TRUE(files) << files.error().text;
            for (const std::string &file : *files)
                EXPECT_THAT(read(path(name) + '/' + file), Not(testing::ContainsRegex("@[A-Z_]+@")))
                    << file;
        }
    }
}

TEST_F(NewModule, OverwritesNothing) {
    fs::create_directory(path("orders"));
    std::ofstream(path("orders") + "/README.md") << "mine";
    EXPECT_THAT(refusal(plan("event", "orders")),
                HasSubstr("README.md: is there already; nothing was written"));
    EXPECT_EQ(read(path("orders") + "/README.md"), "mine");
    EXPECT_FALSE(fs::exists(path("orders") + "/orders.c"));
}

TEST_F(NewModule, MayGoIntoADirectoryThatIsThere) {
    fs::create_directory(path("orders"));
    EXPECT_EQ(refusal(plan("event", "orders")), "written");
}

TEST_F(NewModule, FollowsNoLinkToNowhere) {
    fs::create_directory(path("orders"));
    fs::create_symlink(path("elsewhere"), path("orders") + "/orders.c");
    EXPECT_THAT(refusal(plan("event", "orders")), HasSubstr("is there already"));
    EXPECT_FALSE(fs::exists(path("elsewhere")));
}

TEST_F(NewModule, SaysWhichKindsThereAre) {
    EXPECT_EQ(refusal(plan("cache", "orders")),
              "unknown kind \"cache\"; there are: auth, transform, snapshot, backplane, observer, "
              "event, app");
    EXPECT_THAT(refusal(plan("unknown", "orders")), HasSubstr("there are: auth"));
    EXPECT_THAT(refusal(plan("auth", "orders", "rust")), HasSubstr("there are: c, c++"));
}

TEST_F(NewModule, RefusesNamesThatCannotBeOne) {
    for (const std::string &name :
         {std::string(), std::string("Orders"), std::string("1st"), std::string("a-b"),
          std::string("../x"), std::string("a b"), std::string("a\n"), std::string(60, 'a')})
        EXPECT_THAT(refusal(plan("auth", name)), HasSubstr("is no name for a module")) << name;
    EXPECT_THAT(refusal(plan("auth", "install")), HasSubstr("is a word of the build"));
    EXPECT_EQ(refusal(plan("auth", std::string(59, 'a'))), "written");
}

TEST_F(NewModule, SaysThatItsTemplatesAreNotThere) {
    const auto files = write_project(plan("auth", "orders"), path("nowhere"));
    ASSERT_FALSE(files);
    EXPECT_THAT(files.error().text, HasSubstr("install wse-dev anew"));
    EXPECT_FALSE(fs::exists(path("orders")));
}

TEST(Template, IsFilledOnceAndWithWhatItsValuesBringIn) {
    EXPECT_EQ(fill_template("a@X@b@Y@", {{"X", "1"}, {"Y", "2"}}), "a1b2");
    EXPECT_EQ(fill_template("@BODY@", {{"BODY", "<@NAME@>"}, {"NAME", "n"}}), "<n>");
    EXPECT_EQ(fill_template("@A@", {{"A", "@A@"}}), "@A@");
    EXPECT_EQ(fill_template("a@b @NONE@ @X@ c@", {{"X", "1"}}), "a@b @NONE@ 1 c@");
}

// ---- inspect

module::Image zoo(const std::string &name) {
    auto image = module::Image::read(WSE_ZOO_DIR "/" + name + ".so");
    EXPECT_TRUE(image) << image.error().text;
    return std::move(*image);
}

// A sanitizer gives the files of the zoo symbols of its own, and with them a row of the sheet that
// is wider than the others.
auto HasRow(const std::string &name, const std::string &value) {
    return testing::ContainsRegex("(^|\n)" + name + " +" + value);
}

TEST(ShowModule, HasTheVerdictAndTheOptions) {
    const std::string text = show_module("x.so", zoo("minimal"), Style{});
    EXPECT_THAT(text, HasRow("verdict", "accepted\n"));
    EXPECT_THAT(text, HasRow("kind", "auth\n"));
    EXPECT_THAT(text, HasRow("needs ABI", "1[.]0\n"));
}

TEST(ShowModule, HasTheRefusalOfTheServer) {
    const std::string text = show_module("x.so", zoo("bad_minor_newer"), Style{});
    EXPECT_THAT(text, HasRow("verdict", "refused: needs module ABI 1[.]"));
    EXPECT_THAT(text, HasSubstr("upgrade the server"));
    EXPECT_THAT(text, Not(HasSubstr("OPTION")));
}

TEST(ShowModule, IsJsonThatNamesTheSame) {
    for (const char *name : {"minimal", "exports_more", "bad_minor_newer", "bad_symbol_missing"}) {
        const std::string text = module_as_json("\xff\x1b.so", zoo(name));
        const auto document = JsonDocument::parse(text);
        ASSERT_TRUE(document) << text;
        EXPECT_EQ(document->root()["file"].string(), "\\xff\\x1b.so");
        EXPECT_TRUE(document->root()["accepted"].boolean().has_value());
    }
    EXPECT_THAT(module_as_json("x", zoo("exports_more")),
                testing::ContainsRegex(R"("exports":\[("__odr_asan[.a-z_]*",)?"helper"\])"));
    EXPECT_THAT(module_as_json("x", zoo("bad_minor_newer")), HasSubstr("\"accepted\":false"));
}

}  // namespace
}  // namespace wse::ctl
