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
            "loops":[{"loop":"loop-0","subscribers":1},{"loop":"service","subscribers":2}],
            "rights":{"match":"a*","subscribe":true,"publish":false}})");
    EXPECT_THAT(text, HasSubstr("on service   2\n"));
    EXPECT_THAT(text, HasSubstr("clients may  subscribe (row \"a*\")\n"));
    EXPECT_THAT(shown(show_topic, R"({"topic":"b","rights":null})"),
                HasSubstr("clients may  none: no [[topic]] row matches\n"));
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

TEST(Show, AnEventOnOneLineWithItsPayloadAsWritten) {
    EXPECT_EQ(show_event(R"({"topic":"demo","type":"chat","id":"x","ts":"2026-01-02T03:04:05.678Z",
                             "epoch":"0a1b2c3d","offset":7,"priority":5,"payload":{"n": 1.50}})",
                         Style{}),
              R"(03:04:05.678  demo  chat  #7  {"n": 1.50})");
}

TEST(Show, SurvivesResultsThatLackEverything) {
    for (auto *show : {show_status, show_published, show_connections, show_connection, show_topics,
                       show_topic, show_modules, show_stats})
        for (const auto *json : {"{}", "[]", "null", "1"}) EXPECT_FALSE(shown(show, json).empty());
    EXPECT_FALSE(show_event("nonsense", Style{}).empty());
}

}  // namespace
}  // namespace wse::ctl
