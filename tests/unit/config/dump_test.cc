// SPDX-License-Identifier: MIT
#include "config/fixture.h"

namespace wse::config {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

struct Options {
    const char *secret;
    int64_t wait_ms;
};

const wse_option kRows[] = {{"secret", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Options, secret),
                             0, 0, nullptr, nullptr, nullptr, nullptr},
                            {"wait", WSE_OPT_DURATION, 0, offsetof(Options, wait_ms), 1, 1000, "1s",
                             nullptr, nullptr, nullptr},
                            {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr}};
const ModuleTable kModules[] = {{0, {kRows, sizeof(wse_option), sizeof(Options)}}};

constexpr const char *kFile =
    "[listen.main]\naddress = \"127.0.0.1:0\"\nsubscribe = [\"a$$b\"]\n"
    "[module.demo]\nsecret = \"hidden\"\n"
    "[[topic]]\nmatch = \"user:{sub}:*\"\nsubscribe = true\n[[topic]]\nmatch = \"\\\"\\\\\"\n";

class Dump : public ConfigTest {};

TEST_F(Dump, SaysWhereEachValueComesFrom) {
    environment_ = {{"WSE_IDLE_TIMEOUT", "100"}};
    overrides_ = {"log.level=\"debug\""};
    const Loaded loaded = load(kFile);
    ASSERT_TRUE(diagnostics_.ok()) << report();
    const std::string text = without_directory(dump(loaded, kModules));
    EXPECT_THAT(text, ContainsRegex("address = \"127.0.0.1:0\" +# wse.toml:2\n"));
    EXPECT_THAT(text, ContainsRegex("level = \"debug\" +# -g\n"));
    EXPECT_THAT(text, ContainsRegex("idle_timeout = \"100s\" +# environment WSE_IDLE_TIMEOUT\n"));
    EXPECT_THAT(text, ContainsRegex("max_headers = 100 +# default\n"));
    EXPECT_THAT(text, ContainsRegex("secret = \"\\*\\*\\*\" +# wse.toml:5\n"));
    EXPECT_THAT(text, ContainsRegex("wait = \"1s\" +# default\n"));
    EXPECT_THAT(text, ContainsRegex("load = \"/modules/demo.so\" +# default\n"));
}

TEST_F(Dump, LoadsToTheSame) {
    const std::string once = dump(load(kFile), kModules);
    const Loaded again = load(once);
    ASSERT_TRUE(diagnostics_.ok()) << report();
    EXPECT_EQ(again.settings().listeners[0].subscribe[0], "a$b");
    EXPECT_EQ(again.settings().topics[1].match, "\"\\");
    const auto values = [](const std::string &text) {
        std::string kept;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);)
            kept += line.substr(0, line.find(" #")) + '\n';
        return kept;
    };
    EXPECT_EQ(values(dump(again, kModules)), values(once));
}

TEST_F(Dump, PrintsAHistoryWhereThereIsOne) {
    const std::string rows =
        "[[topic]]\nmatch = \"a\"\nhistory = { messages = 5 }\n[[topic]]\nmatch = \"b\"\n";
    const std::string text = without_directory(dump(load(kListener + rows), {}));
    EXPECT_THAT(text,
                ContainsRegex("history.messages = 5 +# wse.toml:6\nhistory.age = \"1h\" +# def"));
    EXPECT_THAT(text, ContainsRegex("# history.messages = +# not set\n"));
    const Loaded again = load(text);
    ASSERT_EQ(report(), "");
    EXPECT_EQ(again.settings().topics[0].history, (TopicHistory{5, 3600000, 16 << 20}));
    EXPECT_EQ(again.settings().topics[1].history, std::nullopt);
}

TEST_F(Dump, WithholdsTheValuesOfAModuleItHasNoTableOf) {
    const std::string text = dump(load(kFile), {});
    EXPECT_THAT(text, ContainsRegex("# secret = +# "));
    EXPECT_THAT(text, testing::Not(HasSubstr("hidden")));
}

}  // namespace
}  // namespace wse::config
