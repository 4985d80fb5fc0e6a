// SPDX-License-Identifier: MIT
#include "config/load.h"

#include "config/document.h"
#include "config/fixture.h"

namespace wse::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Load : public ConfigTest {};

TEST_F(Load, FillsTheDefaults) {
    const Loaded loaded = load(kListener);
    ASSERT_EQ(report(), "");
    const Settings &settings = loaded.settings();
    EXPECT_GE(settings.server.loops, 1u);
    EXPECT_EQ(settings.server.runtime_dir, "/run/wse");
    EXPECT_TRUE(settings.server.supervisor);
    EXPECT_EQ(settings.log.level, "info");
    EXPECT_EQ(settings.limits.max_message_size, 1048576u);
    EXPECT_EQ(settings.limits.max_publish_size, 983040u);
    EXPECT_EQ(settings.limits.handshake_timeout_ms, 10000u);
    EXPECT_EQ(settings.limits.max_relays, 1000u);
    EXPECT_EQ(settings.limits.relay_timeout_ms, 60000u);
    EXPECT_EQ(settings.limits.relay_keepalive_ms, 30000u);
    EXPECT_EQ(settings.limits.max_outbound_age_ms, 30000u);
    EXPECT_EQ(settings.limits.dedup_ids, 100000u);
    EXPECT_EQ(settings.limits.dedup_age_ms, 600000u);
    EXPECT_EQ(settings.keepalive.idle_timeout_ms, 90000u);
    EXPECT_EQ(settings.history.path, "/var/lib/wse/history");
    EXPECT_EQ(settings.history.file_size, 512u << 20);
    EXPECT_EQ(settings.history.max_memory, 256u << 20);
    EXPECT_EQ(settings.presence.grace_ms, 5000u);
    EXPECT_EQ(settings.presence.max_data, 4096u);
    EXPECT_EQ(settings.presence.max_members, 10000u);
    ASSERT_EQ(settings.listeners.size(), 1u);
    EXPECT_EQ(settings.listeners[0].path, "/wse");
    EXPECT_EQ(settings.listeners[0].fallback, "none");
    EXPECT_EQ(settings.listeners[0].token_cookie, "access_token");
    EXPECT_FALSE(settings.listeners[0].token_query);
}

TEST_F(Load, KeepsTheOrderOfTheFile) {
    const Loaded loaded = load(
        "[listen.z]\naddress = \"127.0.0.1:1\"\nanonymous = true\n"
        "[listen.a]\naddress = \"[::1]:1\"\nanonymous = true\n"
        "[module.y]\n[module.b]\nload = \"/x/b.so\"\n"
        "[[topic]]\nmatch = \"b\"\nsubscribe = true\n[[topic]]\nmatch = \"a\"\n");
    ASSERT_EQ(report(), "");
    const Settings &settings = loaded.settings();
    EXPECT_EQ(settings.listeners[0].name, "z");
    EXPECT_EQ(settings.listeners[1].name, "a");
    EXPECT_EQ(settings.modules[0].path, "/modules/y.so");
    EXPECT_EQ(settings.modules[1].path, "/x/b.so");
    EXPECT_EQ(settings.topics[0].match, "b");
    EXPECT_TRUE(settings.topics[0].subscribe);
    EXPECT_EQ(describe(loaded.load_location(1)), path("wse.toml") + ":9:8");
    EXPECT_EQ(describe(loaded.module_location(0)), path("wse.toml") + ":7:9");
    EXPECT_EQ(describe(loaded.listen_location(1)), path("wse.toml") + ":4:9");
}

TEST_F(Load, SaysThatTheFileIsNotThere) {
    const Loaded loaded = load();
    EXPECT_EQ(report(),
              "wse.toml: cannot be read: No such file or directory; -c names another file\n");
    EXPECT_EQ(dump(loaded, {}), "");
    write("wse.toml/inside", "");
    load();
    EXPECT_EQ(report(), "wse.toml: cannot be read: is a directory; -c names another file\n");
}

TEST_F(Load, KeepsNoMoreMemoryThanAFileNeeds) {
    const Loaded loaded = load(kListener);
    EXPECT_LT(loaded.document().main()->text.capacity(), 1024u);
}

TEST_F(Load, RefusesAFileOfMoreThan4MiB) {
    const std::string text = std::string(kListener) + '#';
    load(text + std::string((4 << 20) - text.size(), 'x'));
    EXPECT_EQ(report(), "");
    load(text + std::string((4 << 20) - text.size() + 1, 'x'));
    EXPECT_EQ(report(), "wse.toml: cannot be read: is larger than 4 MiB; -c names another file\n");
}

TEST_F(Load, IncludesInOrder) {
    write("conf.d/b.toml", "[[topic]]\nmatch = \"b\"\n[limits]\nmax_headers = 50\n");
    write("conf.d/a.toml", "[[topic]]\nmatch = \"a\"\n");
    write("conf.d/other.txt", "not TOML");
    write("last.toml", "[[topic]]\nmatch = \"last\"\n");
    const Loaded loaded = load(
        "include = [\"conf.d/*.toml\", \"last.toml\", \"nowhere/*.toml\", \"conf.d/a.toml\"]\n" +
        std::string(kListener) + "[limits]\nmax_topics = 5\n[[topic]]\nmatch = \"main\"\n");
    ASSERT_EQ(report(), "");
    std::vector<std::string> order;
    for (const TopicRow &row : loaded.settings().topics) order.push_back(row.match);
    EXPECT_THAT(order, ElementsAre("main", "a", "b", "last"));
    EXPECT_EQ(loaded.settings().limits.max_headers, 50u);
    EXPECT_EQ(loaded.settings().limits.max_topics, 5u);
}

TEST_F(Load, ExpandsVariables) {
    environment_ = {{"NAME", "ws"}, {"EMPTY", ""}};
    const Loaded loaded =
        load(std::string(kListener) + "path = \"/${NAME}/${NONE:-a}/${EMPTY:-b}/${EMPTY}$$x$\"\n");
    ASSERT_EQ(report(), "");
    EXPECT_EQ(loaded.settings().listeners[0].path, "/ws/a/b/$x$");
}

TEST_F(Load, PointsAtAVariableThatIsNotSet) {
    load(std::string(kListener) + "path = \"\"\"/a\n$$ ${NONE}\"\"\"\n");
    EXPECT_THAT(report(), HasSubstr("wse.toml:5:4: environment variable NONE is not set"));
    EXPECT_EQ(diagnostics_.items().size(), 1u) << "and what is made of it is not looked at";
}

TEST_F(Load, TakesTheGuidesVariables) {
    environment_ = {{"WSE_MAX_MESSAGE_SIZE", "4096"},
                    {"WSE_HEARTBEAT_INTERVAL", "20"},
                    {"WSE_IDLE_TIMEOUT", "2m"}};
    const Loaded loaded =
        load(std::string(kListener) + "[keepalive]\nheartbeat_interval = \"1s\"\n");
    ASSERT_EQ(report(), "");
    EXPECT_EQ(loaded.settings().limits.max_message_size, 4096u);
    EXPECT_EQ(loaded.settings().keepalive.heartbeat_interval_ms, 20000u);
    EXPECT_EQ(loaded.settings().keepalive.idle_timeout_ms, 120000u);
}

TEST_F(Load, PrefersOverridesToEverything) {
    environment_ = {{"WSE_IDLE_TIMEOUT", "2m"}};
    overrides_ = {"listen.main.path=\"/x\"", "keepalive.idle_timeout = \"3m\"",
                  "log.level=\"warn\"", "log.level=\"error\""};
    const Loaded loaded = load(std::string(kListener) + "path = \"/y\"\n");
    ASSERT_EQ(report(), "");
    EXPECT_EQ(loaded.settings().listeners[0].path, "/x");
    EXPECT_EQ(loaded.settings().keepalive.idle_timeout_ms, 180000u);
    EXPECT_EQ(loaded.settings().log.level, "error");
}

TEST_F(Load, ReportsOverridesUnderTheirOwnName) {
    overrides_ = {"log.levl=\"warn\"", "log.level=warn", "", "include = \"x\""};
    load(kListener);
    EXPECT_THAT(report(), HasSubstr("-g:1:5: unknown key 'levl' in [log]"));
    EXPECT_THAT(report(), HasSubstr("-g:1:11: a value that is not a number, true or false needs"));
    EXPECT_THAT(report(), HasSubstr("-g:1:1: an override is a key and its value"));
    EXPECT_THAT(report(), HasSubstr("-g:1:1: 'include' belongs into a file"));
}

TEST_F(Load, ShowsTheLineWithACaretUnderTabsAndWideCharacters) {
    load(std::string(kListener) + "\t\"p\u00e4th\" = 1\n");
    EXPECT_EQ(report(),
              "wse.toml:4:2: unknown key 'p\u00e4th' in [listen.main]\n"
              "    \t\"p\u00e4th\" = 1\n"
              "    \t^\n"
              "    did you mean 'path'?\n");
}

TEST_F(Load, RefusesAnEchoForTheClientsOfProxies) {
    const std::string echo = "[dev]\necho = \"/echo\"\n" + std::string(kListener);
    load(echo);
    EXPECT_EQ(report(), "");
    load(echo + "trusted_proxies = [\"127.0.0.1\"]\n");
    EXPECT_THAT(report(), HasSubstr("dev.echo: listen.main serves the clients of proxies"));
    load(echo + "proxy_protocol = true\n");
    EXPECT_THAT(report(), HasSubstr("dev.echo: listen.main serves the clients of proxies"));
}

TEST_F(Load, WarnsOfAProxyThatAnybodyCanBe) {
    const std::string proxies = std::string(kListener) + "trusted_proxies = [";
    for (const char *network : {"0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"}) {
        load(proxies + '"' + network + "\"]\n");
        EXPECT_TRUE(diagnostics_.ok()) << report();
        EXPECT_THAT(report(),
                    HasSubstr("trusted_proxies: '" + std::string(network) + "' is everybody"));
    }
    load(proxies + "\"0.0.0.0/1\", \"::/1\"]\n");
    EXPECT_EQ(report(), "");
}

TEST_F(Load, AcceptsSeveralListenersOnPortsOfTheKernel) {
    load(
        "[listen.a]\naddress = \"127.0.0.1:0\"\nanonymous = true\n"
        "[listen.b]\naddress = \"127.0.0.1:0\"\nanonymous = true\n");
    EXPECT_EQ(report(), "");
}

// Whatever stands in the file, the answer is a report.
TEST_F(Load, SurvivesMutatedFiles) {
    const std::string text =
        "include = \"conf.d/*.toml\"\n[server]\nloops = \"auto\"\n" + std::string(kListener) +
        "origins = [\"https://a.example\", \"*\"]\n[limits]\nmax_message_size = \"1m\"\n"
        "[module.x]\nsecret = \"env:${X:-Y}\"\n[[topic]]\nmatch = \"user:{sub}:*\"\n"
        "history = { messages = 5, age = \"1h\" }\nretain = \"last_by_key\"\nkey = \"id\"\n";
    const std::string bytes =
        "[]{}\"'\\=.,#$\n\t\x01\xff"
        "0a";
    uint32_t state = 1;
    const auto next = [&state](size_t bound) {
        state = state * 1664525u + 1013904223u;
        return (state >> 8) % bound;
    };
    for (int round = 0; round < 400; ++round) {
        std::string mutated = text;
        for (size_t edits = 1 + next(3); edits > 0; --edits) {
            const size_t at = next(mutated.size());
            const char byte = bytes[next(bytes.size())];
            if (next(3) == 0)
                mutated.erase(at, 1 + next(20));
            else if (next(2) == 0)
                mutated.insert(at, 1, byte);
            else
                mutated[at] = byte;
            if (mutated.empty()) mutated = "x";
        }
        const Loaded loaded = load(mutated);
        dump(loaded, {});
        diagnostics_.render();
    }
}

TEST_F(Load, LimitsWhatItLists) {
    std::string text = kListener;
    for (int i = 0; i < 1000; ++i) text += "unknown" + std::to_string(i) + " = 1\n";
    load(text);
    EXPECT_EQ(diagnostics_.items().size(), Diagnostics::kLimit);
    EXPECT_EQ(diagnostics_.error_count(), 1000u);
    EXPECT_THAT(report(), HasSubstr("and 800 more\n"));
}

using ClusterSection = ConfigTest;

TEST_F(ClusterSection, IsServedWithoutTheOthersUnlessTheFileSaysOtherwise) {
    const Loaded loaded = load(std::string(kListener) +
                               "[[topic]]\nmatch = \"a\"\n"
                               "[[topic]]\nmatch = \"b\"\nscope = \"host\"\n");
    const Settings &settings = loaded.settings();
    EXPECT_EQ(report(), "");
    EXPECT_EQ(settings.cluster.publish_timeout_ms, 10'000u);
    EXPECT_EQ(settings.cluster.subscribe_wait_ms, 2000u);
    EXPECT_EQ(settings.cluster.when_deaf, WhenDeaf::kServe);
    EXPECT_EQ(settings.topics[0].scope, Scope::kCluster);
    EXPECT_EQ(settings.topics[1].scope, Scope::kHost);
    EXPECT_FALSE(loaded.scope_location(0));
    ASSERT_TRUE(loaded.scope_location(1));
    EXPECT_EQ(loaded.scope_location(1)->line, 8u);
}

TEST_F(ClusterSection, ClosesNobodyBeforeHisPublishHasFailed) {
    const std::string cluster =
        std::string(kListener) + "[cluster]\ndeaf_after = \"5s\"\nwhen_deaf = ";
    load(cluster + "\"serve\"\n");
    EXPECT_EQ(report(), "");
    load(cluster + "\"close\"\n");
    EXPECT_THAT(report(), HasSubstr("cluster.deaf_after: 5s is shorter than publish_timeout, 10s"));
    load(cluster + "\"never\"\n");
    EXPECT_THAT(report(), HasSubstr("cluster.when_deaf"));
}

}  // namespace
}  // namespace wse::config
