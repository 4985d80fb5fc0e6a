// SPDX-License-Identifier: MIT
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

using testing::HasSubstr;

std::string shown(std::string (*show)(JsonView, const Style &), std::string_view json) {
    const auto document = JsonDocument::parse(json);
    EXPECT_TRUE(document.ok()) << document.error().text;
    return show(document->root(), Style{});
}

TEST(Text, HidesWhatCouldSteerATerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\x7f\n"), "a\\x1b[31mb\\x7f\\x0a");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\x9b31m");
    EXPECT_EQ(printable("grün"), "grün");
}

TEST(Text, ShortensDurationsAndSizes) {
    EXPECT_EQ(duration(250), "250ms");
    EXPECT_EQ(duration(59'999), "59s");
    EXPECT_EQ(duration(60'000), "1m");
    EXPECT_EQ(duration(3'725'000), "1h 2m");
    EXPECT_EQ(duration(273'600'000), "3d 4h");
    EXPECT_EQ(bytes(1023), "1023 B");
    EXPECT_EQ(bytes(1536), "1.5 KiB");
    EXPECT_EQ(bytes(int64_t{3} << 40), "3.0 TiB");
}

TEST(Text, AlignsColumnsByCharacters) {
    Table table({"NAME", "N"}, {Align::kLeft, Align::kRight});
    table.add({"grün", "7"});
    table.add({"longer", "1234"});
    EXPECT_EQ(table.text(Style{}),
              "NAME       N\n"
              "grün       7\n"
              "longer  1234\n");
}

TEST(Text, CutsTheLastColumnAtTheEndOfTheTerminal) {
    Table table({"NAME", "DATA"});
    table.cut_last_column();
    table.add({"a", "0123456789012345678"});
    table.add({"b", "short"});
    table.add({"c", "ünïcödé ünïcödé ünïcödé"});
    EXPECT_EQ(table.text(Style{.columns = 24}),
              "NAME  DATA\n"
              "a     01234567890123456…\n"
              "b     short\n"
              "c     ünïcödé ünïcödé ü…\n");
    EXPECT_THAT(table.text(Style{.columns = 3}), HasSubstr("\na     012345678901234…\n"));
    EXPECT_THAT(table.text(Style{}), HasSubstr("\na     0123456789012345678\n"));
}

TEST(Show, StatusOfApplications) {
    const std::string text =
        shown(show_status,
              R"({"applications":[{"name":"app","queued":1,"queued_bytes":1536,"away":true},
                            {"name":"other","queued":0,"queued_bytes":0,"away":false}]})");
    EXPECT_THAT(text, HasSubstr("app  1 event waiting (1.5 KiB), away\n"));
    EXPECT_THAT(text, HasSubstr("other  0 events waiting (0 B)\n"));
}

TEST(Show, StatusAsOneLineEach) {
    const std::string text = shown(
        show_status,
        R"({"version":"0.1.0","pid":42,"started_at":"2026-01-02T03:04:05.678Z","uptime_ms":61000,
            "loops":2,"connections":3,"sessions":2,"topics":1,"published":9,"deliveries":18,
            "listeners":[{"name":"main","address":"127.0.0.1:5006","path":"/wse"}],
            "modules":["auth_jwt"],"config":{"path":"/etc/wse/wse.toml"},"draining":false})");
    EXPECT_THAT(text, HasSubstr("state        running\n"));
    EXPECT_THAT(text, HasSubstr("uptime       1m 1s\n"));
    EXPECT_THAT(text, HasSubstr("listener     main  127.0.0.1:5006  /wse\n"));
    EXPECT_THAT(text, HasSubstr("deliveries   18\n"));
}

TEST(Show, WhereTheHistoryOfAServerIs) {
    const std::string text = shown(
        show_status,
        R"({"topics":4,"patterns":2,"history":{"bytes":1572864,"evicted":0,"file":"writing"}})");
    EXPECT_THAT(text, HasSubstr("patterns     2\n"));
    EXPECT_THAT(text, HasSubstr("history      1.5 MiB in memory, file writing\n"));
    EXPECT_THAT(shown(show_status, R"({"history":{"bytes":0,"evicted":7,"file":"none"}})"),
                HasSubstr("0 B in memory, no file, 7 messages given up for lack of memory\n"));
}

TEST(Show, AServerThatIsNotWholeWithItsReasons) {
    const auto document = JsonDocument::parse(
        R"({"history":{"bytes":0,"file":"failing"},"notes":[
            {"code":"a","text":"no room"},{"code":"b","text":"no\u001b[2J luck"}]})");
    const std::string text = show_status(document->root(), Style{.bad = "<", .plain = ">"});
    EXPECT_THAT(text, HasSubstr("state      >  <running (degraded)>\n"));
    EXPECT_THAT(text, HasSubstr("note       >  <no room>\n"));
    EXPECT_THAT(text, HasSubstr("note       >  <no\\x1b[2J luck>\n"));
    EXPECT_THAT(text, HasSubstr("0 B in memory, <file failing>\n"));
    EXPECT_THAT(shown(show_status, R"({"draining":true,"notes":[{"code":"a","text":"no room"}]})"),
                HasSubstr("draining\n"));
}

TEST(Show, WhatAConnectionMissed) {
    const std::string text = shown(show_connection,
                                   R"({"topics":["a"],"topics_behind":1,"dropped":
            {"oldest":3,"lowest":0,"conflated":0,"age":1,"refused":0}})");
    EXPECT_THAT(text, HasSubstr("topics behind     1\n"));
    EXPECT_THAT(text, HasSubstr("dropped           3 oldest, 1 age\n"));
    EXPECT_THAT(shown(show_connection, R"({"dropped":{"oldest":0,"lowest":0}})"),
                testing::Not(HasSubstr("dropped")));
}

TEST(Show, TopicsWithWhatIsKeptOfThem) {
    EXPECT_EQ(shown(show_topics,
                    R"({"topics":[{"topic":"a","epoch":"0a1b2c3d","offset":40,"subscribers":3,
            "history_messages":12,"history_bytes":99,"retained":1}],"total":1,"truncated":false})"),
              "TOPIC  SUBSCRIBERS  EPOCH     OFFSET  HISTORY\n"
              "a                3  0a1b2c3d      40       12\n");
}

TEST(Show, ConnectionsAsATableThatSaysWhenItIsNotWhole) {
    const std::string text =
        shown(show_connections,
              R"({"connections":[{"id":"0190","user":"eve\u001b[2J","ip":"::1","port":40000,
            "listener":"main","state":"ready","connected_at":"2026-01-02T03:04:05.678Z",
            "subscriptions":2,"queued_bytes":2048,"messages_in":5,"messages_out":7}],
            "total":12,"truncated":true})");
    EXPECT_THAT(text,
                HasSubstr("eve\\x1b[2J  ::1 40000  main      ready       2  2.0 KiB   5    7"));
    EXPECT_THAT(text, HasSubstr("1 of 12 shown; --limit shows more\n"));
    EXPECT_EQ(shown(show_connections, R"({"connections":[],"total":0,"truncated":false})"),
              "no connections\n");
}

TEST(Show, ATopicWithItsRights) {
    const std::string text = shown(show_topic,
                                   R"({"topic":"a","epoch":"0a1b2c3d","offset":4,"subscribers":3,
            "history_messages":1,"history_bytes":1536,"retained":2,"group_members":5,"stamped":true,
            "loops":[{"loop":"loop-0","subscribers":1},{"loop":"service","subscribers":2}],
            "rights":{"match":"a*","subscribe":true,"publish":false}})");
    EXPECT_THAT(text, HasSubstr("on service     2\n"));
    EXPECT_THAT(text, HasSubstr("history        1 message\n"
                                "retained       2 messages\n"
                                "memory         1.5 KiB\n"
                                "group members  5\n"
                                "stamped        yes\n"));
    EXPECT_THAT(text, HasSubstr("clients may    subscribe (row \"a*\")\n"));
    EXPECT_THAT(shown(show_topic, R"({"topic":"b","rights":null})"),
                HasSubstr("clients may    none: no [[topic]] row matches\n"));
}

TEST(Show, ModulesWithTheirLoopsAndWhatIsNotUsed) {
    EXPECT_EQ(shown(show_modules,
                    R"({"modules":[{"name":"a","kind":"auth","version":"1","state":"running",
            "tokens_outstanding":2,"oldest_token_ms":1500,"slow_calls":3,"slowest_ms":250,
            "path":"/m/a.so",
            "loops":["loop-0","loop-1","loop-2","loop-3"],"unused":null},
            {"name":"b","kind":"app","version":"1","state":"running","tokens_outstanding":0,
            "slow_calls":0,"slowest_ms":0,"path":"/m/b.so","loops":["service"],"unused":"not yet"}]})"),
              "NAME  KIND  VERSION  STATE    WAITING  OLDEST  SLOW  SLOWEST  LOOPS                "
              "PATH\n"
              "a     auth  1        running        2      1s     3    250ms  4: loop-0 to loop-3  "
              "/m/a.so\n"
              "b     app   1        running        0       -     0        -  service              "
              "/m/b.so\n"
              "b is not used: not yet\n");
}

TEST(Show, CountersOfModulesUnderTheirName) {
    EXPECT_EQ(shown(show_stats,
                    R"({"counters":[{"name":"upgrades","help":"handshakes","value":3}],
                        "modules":[{"name":"auth_jwt","counters":[
                          {"name":"refused","help":"tokens refused","value":12}]}]})"),
              "COUNTER           VALUE  WHAT IT COUNTS\n"
              "upgrades              3  handshakes\n"
              "auth_jwt.refused     12  tokens refused\n");
}

TEST(Show, WhatIsRevoked) {
    EXPECT_EQ(shown(show_revocations,
                    R"({"revocations":[{"user":"eve","issued_before":"B","revoked_at":"R",
                        "until":"U"},{"token":"t1","revoked_at":"R","until":"U"}],
                        "total":9,"truncated":true})"),
              "USER  TOKEN  ISSUED BEFORE  REVOKED  UNTIL\n"
              "eve   -      B              R        U\n"
              "-     t1     -              R        U\n"
              "2 of 9 shown; --limit shows more\n");
    EXPECT_EQ(shown(show_revocations, R"({"revocations":[]})"), "nothing is revoked\n");
    EXPECT_EQ(shown(show_revoked, R"({"token":"t1","closed":1,"stored":true})"),
              "revoked the token t1; closed 1 connection\n");
    EXPECT_THAT(shown(show_revoked, R"({"user":"eve","issued_before":"B","closed":0,
                        "stored":false})"),
                HasSubstr("forgotten with this process"));
}

TEST(Show, AnEventOnOneLineWithItsPayloadAsWritten) {
    EXPECT_EQ(show_event(R"({"topic":"demo","type":"chat","id":"x","ts":"2026-01-02T03:04:05.678Z",
                             "epoch":"0a1b2c3d","offset":7,"priority":5,"payload":{"n": 1.50}})",
                         Style{}),
              R"(03:04:05.678  demo  chat  #7  {"n": 1.50})");
}

TEST(Show, HowManyConnectionsGotAMessage) {
    const std::pair<const char *, const char *> kCases[] = {
        {R"({"sent":1,"dropped":0})", "sent to 1 connection"},
        {R"({"sent":3,"dropped":0})", "sent to 3 connections"},
        {R"({"sent":2,"dropped":1})",
         "sent to 2 connections; 1 did not take it (its queue is full)"},
        {R"({"sent":2,"dropped":4})",
         "sent to 2 connections; 4 did not take it (their queues are full)"},
        {R"({"sent":0,"dropped":1})",
         "nobody was reached: 1 connection did not take it (its queue is full)"},
        {R"({"sent":0,"dropped":0})", "nobody was reached: no connection is there to take it"},
    };
    for (const auto &[result, text] : kCases)
        EXPECT_EQ(show_sent(JsonDocument::parse(result)->root()), text);
}

TEST(Show, WhoIsPresentWithCompactData) {
    EXPECT_EQ(show_presence(R"({"topic":"room","users":[
                {"user":"alice","data":{ "n": 1.50,"at" : "a \"b\"  c" },"connections":2},
                {"user":"eve\u001b[2J","data":{"\u0000":"\u0000"},"connections":0}],
                "total":9,"truncated":true})",
                            Style{}),
              "USER        CONNECTIONS  DATA\n"
              "alice                 2  {\"n\":1.50,\"at\":\"a \\\"b\\\"  c\"}\n"
              "eve\\x1b[2J            0  {\"\\u0000\":\"\\u0000\"}\n"
              "2 of 9 shown; --limit shows more\n");
    EXPECT_EQ(show_presence(R"({"topic":"room","users":[],"total":0,"truncated":false})", Style{}),
              "nobody is present on room\n");
}

TEST(Show, CertificatesAsATable) {
    EXPECT_EQ(shown(show_certificates, R"({"certificates":[{"listener":"main","file":"/a.pem",
                    "names":["a.example","b.example"],"expires_at":"2027-01-02T03:04:05.000Z",
                    "serial":"0A"}]})"),
              "LISTENER  NAMES                 EXPIRES                   SERIAL  FILE\n"
              "main      a.example, b.example  2027-01-02T03:04:05.000Z  0A      /a.pem\n");
    EXPECT_EQ(shown(show_certificates, R"({"certificates":[]})"), "no listener has certificates\n");
}

TEST(Show, WhatWasReadAgainAndItsWarnings) {
    EXPECT_EQ(shown(show_reloaded, R"({"certificates":2,"warnings":["it expires soon"]})"),
              "warning: it expires soon\nread 2 certificates; connections from now on get them\n");
}

TEST(Show, SurvivesResultsThatLackEverything) {
    for (auto *show : {show_status, show_published, show_connections, show_connection, show_topics,
                       show_topic, show_modules, show_stats, show_certificates, show_reloaded})
        for (const auto *json : {"{}", "[]", "null", "1"}) EXPECT_FALSE(shown(show, json).empty());
    EXPECT_FALSE(show_event("nonsense", Style{}).empty());
    EXPECT_FALSE(show_presence("nonsense", Style{}).empty());
    EXPECT_FALSE(show_presence(R"({"users":[1,{}]})", Style{}).empty());
}

TEST(Show, AServerThatWaitsForOthers) {
    const std::string text =
        shown(show_status, R"({"draining":false,"ready":false,"unready":"plane: away"})");
    EXPECT_THAT(text, HasSubstr("state        running, not ready\n"));
    EXPECT_THAT(text, HasSubstr("not ready    plane: away\n"));
    EXPECT_THAT(shown(show_status, R"({"ready":true,"unready":null})"),
                testing::Not(HasSubstr("not ready")));
}

TEST(Show, TheClusterAndItsShards) {
    const std::string text = shown(
        show_backplane,
        R"({"host":"aa","prefix":"wse","hosts":["aa","bb"],"ingress":true,"shards":[{"shard":3,
            "address":"10.0.0.1:6379","breaker":"closed","attached":true,"topics":2,"queued":0,
            "last_id":"5-0","lag_ms":4,"canary_ms":3,"canary_age_ms":1200},{"shard":4,"canary_ms":0,"canary_age_ms":null}]})");
    EXPECT_THAT(text, HasSubstr("hosts    aa, bb\n"));
    EXPECT_THAT(text, HasSubstr("ingress  yes\n"));
    EXPECT_THAT(text,
                HasSubstr("    3  10.0.0.1:6379  closed  yes            2       0  4ms     3ms"
                          "  1200ms  5-0\n"));
    EXPECT_THAT(text, HasSubstr("  0ms       -"));
    EXPECT_EQ(shown(show_backplane, R"({"host":"aa"})"), "host  aa\n");
}

TEST(Show, DeadLettersOfAllTopicsAndOfOne) {
    EXPECT_THAT(shown(show_letters, R"({"topics":[{"topic":"a","count":3,"latest_ms":1000}]})"),
                HasSubstr("a            3"));
    EXPECT_EQ(shown(show_letters, R"({"topics":[]})"), "no dead letters\n");
    const std::string text = shown(
        show_letters,
        R"({"topic":"a","letters":[{"id":"1-0","time_ms":1000,"topic":"a","reason":"no\u001b JSON",
            "bytes":7,"message":"x"}],"more":true})");
    EXPECT_THAT(text, HasSubstr("no\\x1b JSON\n"));
    EXPECT_THAT(text, HasSubstr("there are more"));
    EXPECT_EQ(shown(show_letters, R"({"topic":"a","letters":[],"more":false})"),
              "no dead letters on a\n");
}

TEST(Show, WhatBecameOfDeadLetters) {
    EXPECT_EQ(shown(show_replayed, R"({"replayed":2,"failed":[{"id":"1-0","problem":"full"}]})"),
              "replayed 2 letters\n1-0: full\n");
    EXPECT_EQ(shown(show_dropped, R"({"dropped":1})"), "dropped 1 letter\n");
}

TEST(Show, ASendThatOtherHostsHaveToo) {
    const auto sent = [](std::string_view json) {
        return show_sent(JsonDocument::parse(json)->root());
    };
    EXPECT_EQ(sent(R"({"sent":1,"dropped":0,"others":true})"),
              "sent to 1 connection; passed on to the other hosts");
    EXPECT_EQ(sent(R"({"sent":0,"dropped":0,"others":true})"),
              "nobody of this host was reached; passed on to the other hosts");
    EXPECT_EQ(sent(R"({"sent":1,"dropped":0,"others":false})"),
              "sent to 1 connection; it could not be passed on to the other hosts");
}

}  // namespace
}  // namespace wse::ctl
