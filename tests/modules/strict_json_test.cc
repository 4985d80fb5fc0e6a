// SPDX-License-Identifier: MIT
#include "strict_json/strict_json.h"

#include <gtest/gtest.h>

#include <string>

#include "strict_json/syntax.h"

namespace wse::strict_json {
namespace {

TEST(StrictJson, TakesWhatTheGrammarHas) {
    for (const char *text :
         {"{}", "[]", " { } ", "0", "-0", "-0.5e-3", "1E+2", "\"\"", "true", "false", "null",
          "[1,2,[3]]", "{\"a\":{\"b\":[null]}}", "\"\\u00e4\\n\\\\\"", "\"\\ud83d\\ude00\"",
          "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"", "\"\x7f\""}) {
        EXPECT_TRUE(is_json(text)) << text;
    }
}

TEST(StrictJson, RefusesWhatItHasNot) {
    for (const char *text : {"",
                             " ",
                             "{",
                             "[",
                             "}",
                             "{]",
                             "[1,]",
                             "{,}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{a:1}",
                             "{\"a\":1,}",
                             "01",
                             "1.",
                             ".5",
                             "1e",
                             "1e+",
                             "+1",
                             "-",
                             "0x1",
                             "NaN",
                             "Infinity",
                             "-Infinity",
                             "True",
                             "nul",
                             "nulll",
                             "1 2",
                             "{} {}",
                             "\"",
                             "\"a",
                             "'a'",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\u12g4\"",
                             "\"\\u0000\"",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\u0041\"",
                             "\"\t\"",
                             "\"\x01\"",
                             "\"\x80\"",
                             "\"\xc0\x80\"",
                             "\"\xed\xa0\x80\"",
                             "\"\xf4\x90\x80\x80\"",
                             "\"\xe2\x82\"",
                             "\"\xf5\x80\x80\x80\"",
                             "\xef\xbb\xbf{}",
                             "// x\n1",
                             "[1 2]",
                             "\"\\"}) {
        EXPECT_FALSE(is_json(text)) << text;
    }
    EXPECT_FALSE(is_json(std::string_view("1\0", 2)));
    EXPECT_FALSE(is_json(std::string_view("\"a\0\"", 4)));
}

TEST(StrictJson, GoesSixteenLevelsDeepAndNoFurther) {
    const std::string deepest = std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']');
    EXPECT_TRUE(is_json(deepest));
    EXPECT_FALSE(is_json("[" + deepest + "]"));
    EXPECT_FALSE(is_json(std::string(1 << 20, '[')));
}

TEST(StrictJson, RefusesANameThatStandsTwice) {
    EXPECT_TRUE(parse_object("{\"a\":1,\"A\":2}"));
    EXPECT_FALSE(parse_object("{\"a\":1,\"b\":2,\"a\":3}"));
    EXPECT_FALSE(parse_object("{\"a\":1,\"\\u0061\":2}"));
    EXPECT_TRUE(parse_object("{\"x\":{\"a\":1},\"a\":1}"));
}

TEST(StrictJson, LimitsTheMembersOfAnObject) {
    std::string text = "{\"0\":0";
    for (int i = 1; i < kMaxMembers; ++i) text += ",\"" + std::to_string(i) + "\":0";
    EXPECT_TRUE(parse_object(text + "}"));
    EXPECT_FALSE(parse_object(text + ",\"more\":0}"));
}

TEST(StrictJson, TakesObjectsAlone) {
    for (const char *text : {"[]", "\"a\"", "1", "null"}) EXPECT_FALSE(parse_object(text)) << text;
}

TEST(StrictJson, ReadsDates) {
    const Object object = parse_object(
        "{\"whole\":5,\"part\":1.5,\"zero\":0,\"last\":253402300799,\"past\":253402300800,"
        "\"minus\":-1,\"huge\":1e300,\"endless\":1e999,\"text\":\"5\",\"no\":null}");
    ASSERT_TRUE(object);
    EXPECT_EQ(date_ms(member(object, "whole")), 5000U);
    EXPECT_EQ(date_ms(member(object, "part")), 1500U);
    EXPECT_EQ(date_ms(member(object, "zero")), 0U);
    EXPECT_EQ(date_ms(member(object, "last")), 253402300799000U);
    for (const char *name : {"past", "minus", "huge", "endless", "text", "no", "absent", "WHOLE"}) {
        EXPECT_EQ(date_ms(member(object, name)), std::nullopt) << name;
    }
}

}  // namespace
}  // namespace wse::strict_json
