// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "wsectl/client.h"
#include "wsectl/command_line.h"

namespace wse::ctl {
namespace {

using Action = Invocation::Action;

TEST(CommandLine, FindsASubcommandOfTwoWords) {
    const auto parsed = parse_command_line({"conn", "kill", "abc", "--code", "4300"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().text;
    EXPECT_STREQ(parsed->subcommand->name, "conn kill");
    EXPECT_EQ(parsed->words.words, std::vector<std::string>{"abc"});
    EXPECT_EQ(parsed->words.option("code"), "4300");
}

TEST(CommandLine, TakesGlobalOptionsBeforeAndAfterTheSubcommand) {
    const auto parsed = parse_command_line(
        {"-s", "/a", "publish", "--timeout=250ms", "t", "-t", "chat", "--json", "-"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().text;
    EXPECT_EQ(parsed->globals.socket, "/a");
    EXPECT_EQ(parsed->globals.timeout_ms, 250);
    EXPECT_TRUE(parsed->globals.json);
    EXPECT_EQ(parsed->words.option("type"), "chat");
    EXPECT_EQ(parsed->words.words, (std::vector<std::string>{"t", "-"}));
}

TEST(CommandLine, TakesAnOptionWithoutAValue) {
    const auto parsed = parse_command_line({"send", "--all", "note"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().text;
    EXPECT_EQ(parsed->words.option("all"), "");
    EXPECT_EQ(parsed->words.words, std::vector<std::string>{"note"});
}

TEST(CommandLine, EndsOptionsAtTwoDashes) {
    const auto parsed = parse_command_line({"publish", "t", "--", "-5"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().text;
    EXPECT_EQ(parsed->words.words, (std::vector<std::string>{"t", "-5"}));
}

TEST(CommandLine, TakesTheSocketFromTheEnvironment) {
    setenv("WSE_CONTROL", "/from/env", 1);
    EXPECT_EQ(parse_command_line({"status"})->globals.socket, "/from/env");
    EXPECT_EQ(parse_command_line({"status", "--socket", "/b"})->globals.socket, "/b");
    unsetenv("WSE_CONTROL");
    EXPECT_EQ(parse_command_line({"status"})->globals.socket, "/run/wse/control.sock");
}

TEST(CommandLine, SaysWhatIsWrong) {
    const struct {
        std::vector<std::string> arguments;
        std::string_view reason;
    } kCases[] = {
        {{}, "a command is missing"},
        {{"statsu"}, "unknown command \"statsu\"; did you mean stats?"},
        {{"publsh", "a"}, "did you mean publish?"},
        {{"frobnicate"}, "see wsectl --help"},
        {{"conn"}, "unknown command \"conn\"; there are: conn ls, conn show, conn kill"},
        {{"conn", "list"}, "unknown command \"conn list\"; there are: conn ls"},
        {{"publish"}, "too few words; the command is \"wsectl publish TOPIC [JSON|-]\""},
        {{"status", "now"}, "\"now\" is too much; the command is \"wsectl status\""},
        {{"conn", "--json"}, "there are: conn ls"},
        {{"help", "frobnicate"}, "unknown command"},
        {{"status", "--type", "x"}, "unknown option --type"},
        {{"publish", "a", "--type"}, "--type needs a value"},
        {{"status", "--timeout", "soon"}, "--timeout: \"soon\" is not a duration"},
        {{"-x"}, "unknown option -x"},
    };
    for (const auto &test : kCases) {
        const auto parsed = parse_command_line(test.arguments);
        ASSERT_FALSE(parsed.ok()) << test.reason;
        EXPECT_NE(parsed.error().text.find(test.reason), std::string::npos) << parsed.error().text;
    }
}

TEST(CommandLine, ShowsHelpWithoutTheWordsACommandNeeds) {
    EXPECT_EQ(parse_command_line({"--help"})->action, Action::kHelp);
    EXPECT_EQ(parse_command_line({"--version"})->action, Action::kVersion);
    const auto parsed = parse_command_line({"publish", "--help"});
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->action, Action::kHelp);
    EXPECT_THAT(help(*parsed->subcommand), testing::HasSubstr("-t, --type T"));
}

TEST(CommandLine, HelpIsACommandToo) {
    EXPECT_EQ(parse_command_line({"help"})->action, Action::kHelp);
    const auto parsed = parse_command_line({"help", "conn", "kill"});
    ASSERT_TRUE(parsed.ok()) << parsed.error().text;
    EXPECT_EQ(parsed->action, Action::kHelp);
    EXPECT_STREQ(parsed->subcommand->name, "conn kill");
}

TEST(CommandLine, ShowsTheCommandsOfAGroup) {
    const std::vector<std::string> kAsked[] = {
        {"conn", "--help"}, {"conn", "-h"}, {"-h", "conn"}, {"help", "conn"}};
    for (const auto &arguments : kAsked) {
        const auto parsed = parse_command_line(arguments);
        ASSERT_TRUE(parsed.ok()) << parsed.error().text;
        EXPECT_EQ(parsed->action, Action::kHelp);
        EXPECT_THAT(help(parsed->group), testing::HasSubstr("  conn kill ID "));
        EXPECT_THAT(help(parsed->group), testing::Not(testing::HasSubstr("  topic ")));
    }
}

TEST(CommandLine, HelpNamesEverySubcommand) {
    for (const Subcommand &known : subcommands())
        EXPECT_THAT(help(), testing::HasSubstr(std::string("  ") + known.name + " "));
}

TEST(CommandLine, HelpSaysWhatTakesPatterns) {
    EXPECT_THAT(help(), testing::HasSubstr("  topic ls [PATTERN] "));
    EXPECT_THAT(help(), testing::HasSubstr("  subscribe TOPIC|PATTERN... "));
}

TEST(CommandLine, CompletionKnowsEverySubcommandAndOption) {
    std::ifstream file(WSE_COMPLETION);
    std::stringstream text;
    text << file.rdbuf();
    for (const Subcommand &known : subcommands()) {
        const std::string name = known.name;
        EXPECT_THAT(text.str(), testing::HasSubstr(name.substr(name.find(' ') + 1)));
        for (const Option &option : known.options)
            EXPECT_THAT(text.str(), testing::HasSubstr(std::string("--") + option.name));
    }
}

TEST(Words, ReadNumbersWithinTheirBounds) {
    Words words;
    words.options = {{"a", "5"}, {"b", "11"}, {"c", "5x"}};
    EXPECT_EQ(**words.number("a", 1, 10), 5);
    EXPECT_EQ(*words.number("absent", 1, 10), std::nullopt);
    EXPECT_EQ(words.number("b", 1, 10).error().text, "--b: \"11\" is not a number from 1 to 10");
    EXPECT_FALSE(words.number("c", 1, 10).ok());
}

TEST(Timeout, IsADurationWithAUnit) {
    EXPECT_EQ(*parse_timeout("5s"), 5000);
    EXPECT_EQ(*parse_timeout("250ms"), 250);
    EXPECT_EQ(*parse_timeout("2m"), 120'000);
    EXPECT_EQ(*parse_timeout("3"), 3000);
    for (const auto *wrong : {"", "s", "0s", "-1s", "5 s", "5h", "1.5s", "99999999999s", "2000m"})
        EXPECT_FALSE(parse_timeout(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace wse::ctl
