// SPDX-License-Identifier: MIT
// A module's options, from the file into its struct.
#include "config/bind.h"

#include <cstring>

#include "config/fixture.h"

namespace wse::config {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Options {
    int32_t flag;
    int64_t number;
    double ratio;
    int64_t wait_ms;
    int64_t size;
    const char *text;
    int32_t word;
    wse_strings list;
    wse_pairs map;
    const char *secret;
    const char *path;
};

// A newer module's row: what this server knows, and something behind it.
struct LongRow {
    wse_option option;
    uint64_t added_later;
};

#define ROW(name, type, flags, min, max, fallback, choices, env)                  \
    {                                                                             \
        {                                                                         \
            #name,   type, flags,    offsetof(Options, name), min, max, fallback, \
            choices, env,  "a thing"},                                            \
            ~uint64_t {                                                           \
            0                                                                     \
        }                                                                         \
    }

const LongRow kRows[] = {
    ROW(flag, WSE_OPT_BOOL, 0, 0, 0, "true", nullptr, "DEMO_FLAG"),
    ROW(number, WSE_OPT_INT, WSE_OPT_F_AUTO, 1, 9, "auto", nullptr, nullptr),
    ROW(ratio, WSE_OPT_FLOAT, 0, 0, 1, "0.5", nullptr, nullptr),
    ROW(wait_ms, WSE_OPT_DURATION, 0, 100, 60000, "5s", nullptr, "DEMO_WAIT"),
    ROW(size, WSE_OPT_SIZE, 0, 1, 1 << 20, "64k", nullptr, "DEMO_SIZE"),
    ROW(text, WSE_OPT_STRING, 0, 0, 0, nullptr, nullptr, nullptr),
    ROW(word, WSE_OPT_ENUM, 0, 0, 0, "second", "first|second|third", nullptr),
    ROW(list, WSE_OPT_STRINGS, 0, 0, 0, "[\"x\", \"y\"]", nullptr, "DEMO_LIST"),
    ROW(map, WSE_OPT_PAIRS, 0, 0, 0, "{ k = \"v\" }", nullptr, nullptr),
    ROW(secret, WSE_OPT_STRING, WSE_OPT_F_SECRET, 0, 0, nullptr, nullptr, "DEMO_SECRET"),
    ROW(path, WSE_OPT_STRING, WSE_OPT_F_PATH, 0, 0, nullptr, nullptr, nullptr),
    {{nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr}, 0},
};

const OptionTable kTable = {&kRows[0].option, sizeof(LongRow), sizeof(Options)};

class Bind : public ConfigTest {
protected:
    // [module.demo] with these lines.
    bool bind(const std::string &lines) {
        loaded_ = load(std::string(kListener) + "[module.demo]\n" + lines);
        options_ = Options{};
        return bind_module(loaded_, 0, kTable, &options_, arena_, diagnostics_) &&
               diagnostics_.ok();
    }

    Loaded loaded_;
    Arena arena_;
    Options options_{};
};

TEST_F(Bind, AcceptsItsTable) {
    EXPECT_TRUE(check_table(kTable).ok());
}

TEST_F(Bind, TakesFallbacksForWhatIsAbsent) {
    ASSERT_TRUE(bind("")) << report();
    EXPECT_EQ(options_.flag, 1);
    EXPECT_EQ(options_.number, 0);
    EXPECT_EQ(options_.ratio, 0.5);
    EXPECT_EQ(options_.wait_ms, 5000);
    EXPECT_EQ(options_.size, 65536);
    EXPECT_EQ(options_.text, nullptr);
    EXPECT_EQ(options_.word, 1);
    ASSERT_EQ(options_.list.count, 2u);
    EXPECT_STREQ(options_.list.items[1], "y");
    ASSERT_EQ(options_.map.count, 1u);
    EXPECT_STREQ(options_.map.items[0].key, "k");
    EXPECT_EQ(options_.secret, nullptr);
}

TEST_F(Bind, FillsEveryType) {
    ASSERT_TRUE(
        bind("load = \"x.so\"\nflag = false\nnumber = 7\nratio = 1\nwait_ms = \"250ms\"\n"
             "size = 4096\ntext = \"hello\"\nword = \"third\"\nlist = []\n"
             "map = { b = \"2\", a = \"1\" }\nsecret = \"s\"\n"))
        << report();
    EXPECT_EQ(options_.flag, 0);
    EXPECT_EQ(options_.number, 7);
    EXPECT_EQ(options_.ratio, 1.0);
    EXPECT_EQ(options_.wait_ms, 250);
    EXPECT_EQ(options_.size, 4096);
    EXPECT_STREQ(options_.text, "hello");
    EXPECT_EQ(options_.word, 2);
    EXPECT_EQ(options_.list.count, 0u);
    EXPECT_STREQ(options_.map.items[0].value, "2") << "in the order of the file";
    EXPECT_STREQ(options_.secret, "s");
}

TEST_F(Bind, KeepsStringsAfterTheConfigurationIsGone) {
    ASSERT_TRUE(bind("text = \"hello\""));
    loaded_ = Loaded();
    Arena moved = std::move(arena_);
    EXPECT_STREQ(options_.text, "hello");
}

TEST_F(Bind, ReportsEveryProblemWithItsPlace) {
    EXPECT_FALSE(
        bind("flagg = true\nnumber = 10\nratio = 1.5\nwait_ms = \"1ms\"\nword = \"thrid\"\n"
             "list = \"x\"\nmap = { a = 1 }\ntext = \"a\\u0000b\"\n"));
    const std::string text = report();
    EXPECT_THAT(text, HasSubstr("wse.toml:5:1: unknown key 'flagg' in [module.demo]"));
    EXPECT_THAT(text, HasSubstr("did you mean 'flag'?"));
    EXPECT_THAT(text, HasSubstr("wse.toml:6:10: module.demo.number: 10 is not between 1 and 9"));
    EXPECT_THAT(text,
                HasSubstr("wse.toml:7:9: module.demo.ratio: 1.500000 is not between 0 and 1"));
    EXPECT_THAT(text, HasSubstr("wse.toml:8:11: module.demo.wait_ms: 1ms is not between 100ms"));
    EXPECT_THAT(text, HasSubstr("did you mean 'third'?"));
    EXPECT_THAT(text, HasSubstr("wse.toml:10:8: module.demo.list: expected a list of strings"));
    EXPECT_THAT(text, HasSubstr("wse.toml:11:13: module.demo.map.a: expected a string"));
    EXPECT_THAT(text, HasSubstr("wse.toml:12:8: module.demo.text: the string contains a NUL"));
    EXPECT_EQ(diagnostics_.error_count(), 8u);
}

TEST_F(Bind, GuessesTheUnitThatWasMeant) {
    const std::pair<const char *, const char *> cases[] = {
        {"5sec", "\"5s\""},     {"5 s", "\"5s\""},      {"5min", "\"5m\""}, {"5mins", "\"5m\""},
        {"500MS", "\"500ms\""}, {"5millis", "\"5ms\""}, {"90", "\"90s\""}};
    for (const auto &[written, meant] : cases) {
        EXPECT_FALSE(bind("wait_ms = \"" + std::string(written) + '"'));
        EXPECT_EQ(diagnostics_.items().at(0).hint, "did you mean " + std::string(meant) + '?');
    }
}

TEST_F(Bind, LetsTheEnvironmentOverrideTheFile) {
    environment_ = {{"DEMO_FLAG", "0"},
                    {"DEMO_WAIT", "15"},
                    {"DEMO_SIZE", "2048"},
                    {"DEMO_LIST", "a,b,c"},
                    {"DEMO_SECRET", "from outside"}};
    ASSERT_TRUE(bind("flag = true\nwait_ms = \"1s\"\nsecret = \"from the file\"\n")) << report();
    EXPECT_EQ(options_.flag, 0);
    EXPECT_EQ(options_.wait_ms, 15000) << "a bare number counts seconds";
    EXPECT_EQ(options_.size, 2048);
    EXPECT_EQ(options_.list.count, 3u);
    EXPECT_STREQ(options_.secret, "from outside");
}

TEST_F(Bind, LetsAnOverrideWinOverTheEnvironment) {
    environment_ = {{"DEMO_WAIT", "15"}};
    overrides_ = {"module.demo.wait_ms = \"2s\""};
    ASSERT_TRUE(bind("wait_ms = \"1s\"")) << report();
    EXPECT_EQ(options_.wait_ms, 2000);
}

TEST_F(Bind, TakesAnEmptyVariableForUnset) {
    environment_ = {{"DEMO_WAIT", ""}};
    ASSERT_TRUE(bind("wait_ms = \"1s\"")) << report();
    EXPECT_EQ(options_.wait_ms, 1000);
}

TEST_F(Bind, NamesTheVariableThatIsWrong) {
    environment_ = {{"DEMO_WAIT", "15x"}};
    EXPECT_FALSE(bind(""));
    EXPECT_THAT(report(), HasSubstr("environment:1:11: module.demo.wait_ms: '15x' has an unknown"));
    EXPECT_THAT(report(), HasSubstr("DEMO_WAIT=15x"));
}

TEST_F(Bind, ReadsASecretFromTheEnvironmentOrAFile) {
    environment_ = {{"SECRET", "one"}};
    ASSERT_TRUE(bind("secret = \"env:SECRET\"")) << report();
    EXPECT_STREQ(options_.secret, "one");
    write("keys/secret", "two\n");
    ASSERT_TRUE(bind("secret = \"file:keys/secret\"")) << report();
    EXPECT_STREQ(options_.secret, "two");
    EXPECT_EQ(report(), "");
}

TEST_F(Bind, SaysWhyASecretCannotBeRead) {
    write("empty", "\n");
    const std::pair<const char *, const char *> cases[] = {
        {"env:NOPE", "module.demo.secret: environment variable 'NOPE' is not set"},
        {"env:", "environment variable '' is not set"},
        {"file:nope", "cannot read 'nope': No such file or directory"},
        {"file:empty", "'empty' is empty"},
        {"file:.", "not a regular file"},
    };
    for (const auto &[value, message] : cases) {
        EXPECT_FALSE(bind("secret = \"" + std::string(value) + '"')) << value;
        EXPECT_THAT(report(), HasSubstr(message));
        EXPECT_THAT(report(), HasSubstr("wse.toml:5:10"));
    }
}

TEST_F(Bind, WarnsOfASecretThatEverybodyMayRead) {
    write("secret", "two\n", 0644);
    ASSERT_TRUE(bind("secret = \"file:secret\""));
    EXPECT_THAT(report(), HasSubstr("warning: the secret in 'secret' is readable by everybody"));
}

TEST_F(Bind, NeverShowsASecret) {
    environment_ = {{"DEMO_SECRET", "hunter2\xff"}};
    for (const char *lines :
         {"secret = \"hunter2\"\nsecrt = \"hunter2\"\n", "secret = \"hunter2\" x\n",
          "secret = [\"hunter2\"]\n", "secret = hunter2\n", "secret = \"hunter2\n",
          "secret = \"hunter2\"\nsecret = \"hunter2\"\n"}) {
        bind(lines);
        EXPECT_THAT(report(), Not(HasSubstr("hunter2"))) << lines;
        const ModuleTable tables[] = {{0, kTable}};
        if (loaded_.settings().modules.size() == 1) {
            EXPECT_THAT(dump(loaded_, tables), Not(HasSubstr("hunter2"))) << lines;
        }
        EXPECT_THAT(dump(loaded_, {}), Not(HasSubstr("hunter2"))) << lines;
    }
}

TEST_F(Bind, ResolvesAPathFromTheFileItStandsIn) {
    write("conf.d/key.pem", "x");
    write("conf.d/demo.toml", "[module.demo]\npath = \"key.pem\"\n");
    loaded_ = load("include = \"conf.d/*.toml\"\n" + std::string(kListener));
    ASSERT_TRUE(bind_module(loaded_, 0, kTable, &options_, arena_, diagnostics_)) << report();
    EXPECT_EQ(options_.path, path("conf.d/key.pem"));
    EXPECT_FALSE(bind("path = \"key.pem\""));
    EXPECT_THAT(report(), HasSubstr("wse.toml:5:8: module.demo.path: cannot read 'key.pem'"));
}

TEST_F(Bind, BelievesASecretInADollarsEscape) {
    ASSERT_TRUE(bind("secret = \"a$$b\"")) << report();
    EXPECT_STREQ(options_.secret, "a$b");
}

}  // namespace
}  // namespace wse::config
