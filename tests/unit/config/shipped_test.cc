// SPDX-License-Identifier: MIT
// What is shipped: the configuration, the examples and the manual agree with the tables.
#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "config/fixture.h"
#include "config/manual.h"
#include "config/option.h"
#include "config/schema.h"

namespace wse::config {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string &file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

class Shipped : public ConfigTest {
protected:
    void load_file(const std::string &file) {
        LoadRequest request;
        request.path = file;
        request.module_dir = "/modules";
        request.getenv = [](const char *) -> const char * { return nullptr; };
        diagnostics_ = Diagnostics();
        loaded_ = config::load(request, diagnostics_);
    }

    Loaded loaded_;
};

const std::string kShipped = std::string(WSE_SOURCE_DIR) + "/conf/wse.toml";

TEST_F(Shipped, ConfigurationLoads) {
    load_file(kShipped);
    EXPECT_EQ(diagnostics_.render(), "");
    const Listen &main = loaded_.settings().listeners.at(0);
    EXPECT_FALSE(main.anonymous);
    EXPECT_FALSE(main.token_query);
}

TEST_F(Shipped, ExamplesLoad) {
    size_t examples = 0;
    for (const auto &entry : fs::directory_iterator(WSE_SOURCE_DIR "/conf/examples")) {
        if (entry.path().extension() != ".toml") continue;
        ++examples;
        load_file(entry.path().string());
        EXPECT_EQ(diagnostics_.render(), "") << entry.path();
    }
    EXPECT_GE(examples, 4u);
}

// Every key of every section once, as a comment with its default or as a line that is in force.
TEST_F(Shipped, ConfigurationNamesEveryKeyOnce) {
    std::istringstream in(read(kShipped));
    std::map<std::string, int> seen;
    std::string current;
    const std::regex header("^#? ?\\[\\[?([a-z]+)[^\\]]*\\]\\]?.*$");
    const std::regex key("^#? ?([a-z_]+) = .*$");
    std::smatch match;
    for (std::string line; std::getline(in, line);) {
        if (std::regex_match(line, match, header))
            current = match[1];
        else if (std::regex_match(line, match, key))
            ++seen[current + '.' + match[1].str()];
    }
    for (const Section &section : sections()) {
        for (const std::string &name : keys_of(section.table)) {
            EXPECT_EQ(seen[section.name + ('.' + name)], 1) << section.name << '.' << name;
        }
    }
}

// A comment "# key = value" is the default: taking the '#' away changes nothing; but for tls and
// the history, which are switched on by being there.
TEST_F(Shipped, ConfigurationCommentsAreTheDefaults) {
    const std::string text = read(kShipped);
    const std::string uncommented = std::regex_replace(
        text, std::regex("(^|\n)# ((?!(?:history|tls) = )[a-z_]+ = |\\[[a-z]+\\])"), "$1$2");
    const std::string values = dump(load(uncommented), {});
    ASSERT_TRUE(diagnostics_.ok()) << report();
    EXPECT_NE(uncommented, text);
    const std::string defaults = dump(load(text), {});
    const std::regex comment(" +# [^\n]*|# read[^\n]*");
    EXPECT_EQ(std::regex_replace(values, comment, ""), std::regex_replace(defaults, comment, ""));
}

TEST_F(Shipped, ConfigurationShowsTheDefaultsOfAHistory) {
    const std::string text = read(kShipped);
    std::smatch shown;
    const std::regex line("\n# (history = \\{[^\n]*\\})");
    ASSERT_TRUE(std::regex_search(text, shown, line));
    const auto history_of = [this](const std::string &history) {
        const std::string row = "[[topic]]\nmatch = \"*\"\n" + history + '\n';
        return load(kListener + row).settings().topics.at(0).history;
    };
    EXPECT_EQ(history_of(shown[1]), history_of("history = {}"));
    for (const std::string &key : keys_of(section("topic").table, "history")) {
        EXPECT_NE(shown[1].str().find(key + " = "), std::string::npos) << key;
    }
}

TEST_F(Shipped, ConfigurationNamesEveryKeyOfTls) {
    const std::string text = read(kShipped);
    std::smatch shown;
    ASSERT_TRUE(std::regex_search(text, shown, std::regex("\n# (tls = \\{[^\n]*\\})")));
    for (const std::string &key : keys_of(section("listen").table, "tls")) {
        EXPECT_NE(shown[1].str().find(key + " = "), std::string::npos) << key;
    }
}

// After a change of the tables: WSE_UPDATE_MANUAL=1 <this test> writes the lists anew.
TEST_F(Shipped, ManualListsTheOptionsOfTheTables) {
    const std::string file = std::string(WSE_SOURCE_DIR) + "/man/wse.toml.5";
    const std::string page = read(file);
    const std::string wanted = manual_with_options(page);
    if (::getenv("WSE_UPDATE_MANUAL")) std::ofstream(file) << wanted;
    for (const Section &section : sections()) {
        EXPECT_NE(page.find(".\\\" options of " + section.header() + '\n'), std::string::npos)
            << section.header();
    }
    EXPECT_EQ(page, wanted);
}

}  // namespace
}  // namespace wse::config
