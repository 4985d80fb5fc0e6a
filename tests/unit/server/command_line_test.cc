// SPDX-License-Identifier: MIT
#include "server/command_line.h"

#include <gtest/gtest.h>

namespace wse::server {
namespace {

Result<CommandLine> parse(std::vector<std::string> words) {
    words.insert(words.begin(), "wsed");
    std::vector<char *> argv;
    for (auto &word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    return parse_command_line(static_cast<int>(words.size()), argv.data());
}

TEST(CommandLine, RunsTheInstalledConfigurationByDefault) {
    const auto line = parse({});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->mode, Mode::kRun);
    EXPECT_EQ(line->config_path, WSE_CONFIG_PATH);
}

TEST(CommandLine, TakesShortAndLongOptions) {
    const auto line =
        parse({"-c", "a.toml", "--set", "x.y=1", "-g", "z=2", "--module-dir=/m", "-t"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->config_path, "a.toml");
    EXPECT_EQ(line->overrides, (std::vector<std::string>{"x.y=1", "z=2"}));
    EXPECT_EQ(line->module_dir, "/m");
    EXPECT_EQ(line->mode, Mode::kTest);
}

TEST(CommandLine, NamesWhatItDoesNotUnderstand) {
    for (const auto &words :
         std::vector<std::vector<std::string>>{{"-c"}, {"--bogus"}, {"-x"}, {"word"}})
        EXPECT_NE(parse(words).error().text.find(words.back()), std::string::npos) << words.back();
}

}  // namespace
}  // namespace wse::server
