// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_scan.h"
#include "base/log.h"
#include "base/utf8.h"

namespace wse::log {
namespace {

constexpr uint64_t kNow = 1'767'323'045'678;

std::string text_value(std::string_view value) {
    const std::string line =
        format_line(Format::kText, kNow, Level::kInfo, "a", "b", {{"k", value}});
    return line.substr(line.find("k=") + 2);
}

std::string json_value(std::string_view value) {
    const std::string line =
        format_line(Format::kJson, kNow, Level::kInfo, "a", "b", {{"k", value}});
    EXPECT_TRUE(check_json(line).ok()) << line;
    EXPECT_TRUE(is_utf8(line));
    const size_t begin = line.find("\"k\":") + 4;
    return line.substr(begin, line.size() - begin - 1);
}

TEST(LogLine, StandsInTextAsWordsAndPairs) {
    EXPECT_EQ(format_line(Format::kText, kNow, Level::kWarn, "session", "session.open",
                          {{"user", "alice"}, {"port", 5006}, {"late", true}}),
              "2026-01-02T03:04:05.678Z warn session session.open user=alice port=5006 late=true");
}

TEST(LogLine, StandsInJsonAsAnObject) {
    EXPECT_EQ(format_line(Format::kJson, kNow, Level::kError, "session", "session.open",
                          {{"user", "alice"}, {"port", -1}, {"late", false}}),
              R"({"ts":"2026-01-02T03:04:05.678Z","level":"error","area":"session",)"
              R"("event":"session.open","user":"alice","port":-1,"late":false})");
}

TEST(LogLine, SaysHowManyWereSuppressed) {
    EXPECT_THAT(format_line(Format::kText, kNow, Level::kInfo, "a", "b", {}, 3),
                testing::EndsWith(" a b suppressed=3"));
    EXPECT_THAT(format_line(Format::kJson, kNow, Level::kDebug, "a", "b", {}, 3),
                testing::EndsWith(R"("event":"b","suppressed":3})"));
    EXPECT_THAT(format_line(Format::kText, kNow, Level::kInfo, "a", "b", {}),
                testing::EndsWith(" a b"));
}

TEST(LogLine, EscapesBytesThatAreNotPrintableAsciiInText) {
    EXPECT_EQ(text_value("a\nb"), "a\\x0ab");
    EXPECT_EQ(text_value(std::string_view("\0\x1b[2J\x1f", 6)), "\\x00\\x1b[2J\\x1f");
    EXPECT_EQ(text_value("\x7f\x80\xff"), "\\x7f\\x80\\xff");
    EXPECT_EQ(text_value("caf\xc3\xa9"), "caf\\xc3\\xa9");
}

TEST(LogLine, LeavesNoDoubtWhereAValueEndsInText) {
    EXPECT_EQ(text_value(""), "\"\"");
    EXPECT_EQ(text_value("x user=admin"), "\"x user=admin\"");
    EXPECT_EQ(text_value("say \"hi\""), "\"say \\\"hi\\\"\"");
    EXPECT_EQ(text_value("\\x0a"), "\\\\x0a") << "not to be taken for a newline";
}

TEST(LogLine, HasNoControlByteWhateverIsLogged) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    for (const Format format : {Format::kText, Format::kJson}) {
        const std::string line = format_line(format, kNow, Level::kInfo, all, all, {{"k", all}});
        for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
    }
}

TEST(LogLine, KeepsUtf8InJson) {
    EXPECT_EQ(json_value("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
}

TEST(LogLine, EscapesHighBytesInJsonWhenTheTextIsNotUtf8) {
    EXPECT_EQ(json_value("caf\xe9"), R"("caf\u00e9")");
    EXPECT_EQ(json_value("\xc3\xa9\xff"), R"("\u00c3\u00a9\u00ff")");
    EXPECT_EQ(json_value("\xc2"), R"("\u00c2")");
}

TEST(LogLine, EscapesControlsInJson) {
    EXPECT_EQ(json_value("a\n\"\\\x7f"), R"("a\u000a\"\\\u007f")");
    EXPECT_EQ(json_value("\xc2\x9b"
                         "2J\xc2\xa0"),
              "\"\\u009b2J\xc2\xa0\"");
}

std::string as_and(size_t count, const char *end) {
    std::string text;
    return text.append(count, 'a').append(end);
}

TEST(LogLine, CutsALongValue) {
    EXPECT_EQ(text_value(as_and(kMaxValue, "")), as_and(kMaxValue, ""));
    EXPECT_EQ(text_value(as_and(kMaxValue, "b")), as_and(kMaxValue, "..."));
    EXPECT_EQ(json_value(as_and(100'000, "")), "\"" + as_and(kMaxValue, "...\""));
}

TEST(LogLine, CutsBetweenCharacters) {
    EXPECT_EQ(json_value(as_and(kMaxValue - 2, "\xf0\x9f\x98\x80")),
              "\"" + as_and(kMaxValue - 2, "...\""));
}

TEST(LogLine, KeepsNumbersWhole) {
    EXPECT_THAT(format_line(Format::kJson, kNow, Level::kInfo, "a", "b", {{"n", UINT64_MAX}}),
                testing::EndsWith(R"("n":18446744073709551615})"));
}

}  // namespace
}  // namespace wse::log
