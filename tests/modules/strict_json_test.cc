// SPDX-License-Identifier: MIT
#include "strict_json/strict_json.h"

#include <gtest/gtest.h>

#include <string>

#include "strict_json/text.h"

namespace wse::strict_json {
namespace {

// `value` as the one member of an object.
bool takes(std::string_view value) {
    return parse_object("{\"v\":" + std::string(value) + "}") != nullptr;
}

TEST(StrictJson, TakesWhatTheGrammarHas) {
    for (const char *text :
         {"{}", " [] ", "0", "-0", "-0.5e-3", "1E+2", "\"\"", "true", "false", "null", "[1,2,[3]]",
          "{\"b\":[null]}", "\"\\u00e4\\n\\\\\"", "\"\\ud83d\\ude00\"", "\"\\\\u0000\"",
          "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"", "\"\x7f\"", "\"[{\""}) {
        EXPECT_TRUE(takes(text)) << text;
    }
    EXPECT_TRUE(parse_object("\t\r\n {\"a\"\n:\t1 }\r\n"));
}

TEST(StrictJson, RefusesWhatItHasNot) {
    for (const char *text :
         {"",           "{",           "[",           "}",           "{]",
          "[1,]",       "{,}",         "{\"a\"}",     "{\"a\":}",    "{a:1}",
          "{\"a\":1,}", ".5",          "1e",          "1e+",         "+1",
          "-",          "0x1",         "NaN",         "Infinity",    "-Infinity",
          "True",       "nul",         "nulll",       "1 2",         "\"",
          "\"a",        "'a'",         "// x\n1",     "[1 2]",       "\"\\x\"",
          "\"\\u12\"",  "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\""}) {
        EXPECT_FALSE(takes(text)) << text;
    }
}

TEST(StrictJson, RefusesTextThatIsNotPlain) {
    for (const char *text :
         {"\"a\\u0000\"", "\"\t\"", "\"\x01\"", "\x01 1", "\f1", "\"\x80\"", "\"\xc0\x80\"",
          "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\"\xf5\x80\x80\x80\""}) {
        EXPECT_FALSE(takes(text)) << text;
    }
    EXPECT_FALSE(takes(std::string_view("1\0", 2)));
    EXPECT_FALSE(takes(std::string_view("\"a\0\"", 4)));
}

TEST(StrictJson, RefusesWhatStandsBeforeAndBehindAnObject) {
    for (const char *text : {"", " ", "\xef\xbb\xbf{}", "{} {}", "{}x", "{} ,", "x{}", "{}\\", "{"})
        EXPECT_FALSE(parse_object(text)) << text;
    EXPECT_FALSE(parse_object(std::string_view("{}\0", 3)));
}

TEST(StrictJson, GoesSixteenLevelsDeepAndNoFurther) {
    const std::string deepest = std::string(kMaxDepth - 1, '[') + std::string(kMaxDepth - 1, ']');
    EXPECT_TRUE(takes(deepest));
    EXPECT_FALSE(takes("[" + deepest + "]"));
    EXPECT_FALSE(takes(std::string(1 << 20, '[')));
    EXPECT_TRUE(takes("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]"));
}

TEST(User, IsATextThatTheServerTakes) {
    EXPECT_TRUE(is_user("alice"));
    EXPECT_TRUE(is_user("z\xc3\xaf \xf0\x9f\x98\x80"));
    EXPECT_TRUE(is_user(std::string(256, 'a')));
    for (const std::string &text :
         {std::string(), std::string(257, 'a'), std::string("a\nb"), std::string("\x7f"),
          std::string("\xc2\x85"), std::string("\xff")})
        EXPECT_FALSE(is_user(text)) << text;
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
