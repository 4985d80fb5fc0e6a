// SPDX-License-Identifier: MIT
// What the modules of kind snapshot share: JSON as a text, states, and the cache.
#include "json_text/json_text.h"

#include <gtest/gtest.h>

#include "cache/cache.h"
#include "snapshot/state.h"

namespace wse {
namespace {

TEST(JsonText, TakesWhatIsJson) {
    for (const char *text :
         {"1", "-0.5e+10", "0", "\"\"", "true", "null", " [ ] ", "{}", "[1,[2,{\"a\":[]}]]",
          "{\"a\" : 1 , \"b\":\"\\u00e9\\n\\/\"}", "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""})
        EXPECT_TRUE(json_text::is_json(text)) << text;
    EXPECT_TRUE(json_text::is_json(std::string(64, '[') + std::string(64, ']')));
}

TEST(JsonText, RefusesWhatIsNot) {
    for (const char *text : {"",
                             " ",
                             "01",
                             "1.",
                             ".5",
                             "+1",
                             "1e",
                             "-",
                             "nul",
                             "nulls",
                             "'a'",
                             "\"a",
                             "\"\t\"",
                             "\"\\x\"",
                             "\"\\u12g4\"",
                             "\"\\u123\"",
                             "\"\\ud83d\"",
                             "\"\\ud83d\\u0041\"",
                             "\"\\ude00\"",
                             "[1,]",
                             "[1 2]",
                             "[",
                             "]",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{a:1}",
                             "{\"a\":1",
                             "1 2",
                             "[] []",
                             "\"\xff\"",
                             "\"\xc0\x80\"",
                             "\xef\xbb\xbf{}",
                             "NaN",
                             "//\n1"})
        EXPECT_FALSE(json_text::is_json(text)) << text;
    EXPECT_FALSE(json_text::is_json(std::string(65, '[') + std::string(65, ']')));
    EXPECT_FALSE(json_text::is_json(std::string_view("1\0", 2)));
    EXPECT_FALSE(json_text::is_json(std::string_view("\"\\u00\x10\x10\"", 8)));
}

TEST(JsonText, FindsTheMembersOfTheOuterObject) {
    std::vector<json_text::Member> members;
    ASSERT_TRUE(json_text::members_of(" {\"a\": {\"b\":1} , \"c\":[2] } ", members));
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(members[0].name, "a");
    EXPECT_EQ(members[0].value, "{\"b\":1}");
    EXPECT_EQ(members[1].value, "[2]");
    EXPECT_FALSE(json_text::members_of("[{\"a\":1}]", members));
}

TEST(JsonText, WritesAStringThatReadsBack) {
    std::string out;
    json_text::append_string(out, "a\"\\\n\x01\xc3\xbc");
    EXPECT_EQ(out, "\"a\\\"\\\\\\u000a\\u0001\xc3\xbc\"");
    EXPECT_TRUE(json_text::is_json(out));
}

TEST(JsonText, DecodesWhatIsEscaped) {
    EXPECT_EQ(json_text::decoded("plain \xc3\xbc"), "plain \xc3\xbc");
    EXPECT_EQ(json_text::decoded(R"(a\u005fb\u005Fc)"), "a_b_c");
    EXPECT_EQ(json_text::decoded(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(json_text::decoded(R"(\u00fc\u20ac\ud83d\ude00!)"),
              "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80!");
    EXPECT_EQ(json_text::decoded(R"(a\u0000b)"), std::string_view("a\0b", 3));
}

TEST(SnapshotState, HasItsPlaceInAWrapper) {
    const auto state = snapshot::read_state(R"({"data":{"a":1},"epoch":"0a1b2c3d","offset":42})");
    ASSERT_TRUE(state && state->place);
    EXPECT_EQ(state->data, "{\"a\":1}");
    EXPECT_EQ(state->place->epoch, 0x0a1b2c3du);
    EXPECT_EQ(state->place->offset, 42u);
}

TEST(SnapshotState, IsRefusedWhenItsPlaceIsNone) {
    for (const char *text :
         {R"({"data":1,"epoch":"0A1B2C3D","offset":42})", R"({"data":1,"epoch":"1","offset":42})",
          R"({"data":1,"epoch":"0a1b2c3d","offset":-1})", R"({"data":1,"epoch":null,"offset":1})",
          R"({"data":1,"epoch":"0a1b2c3d","offset":1e3})"})
        EXPECT_FALSE(snapshot::read_state(text)) << text;
}

TEST(SnapshotState, IsTheWholeTextOtherwise) {
    for (const char *text : {"[]", "1", R"({"data":1})", R"({"data":1,"epoch":"x"})",
                             R"({"data":1,"epoch":"0a1b2c3d","offset":1,"more":2})"}) {
        const auto state = snapshot::read_state(text);
        ASSERT_TRUE(state) << text;
        EXPECT_EQ(state->data, text);
        EXPECT_FALSE(state->place);
    }
}

TEST(JsonText, TakesAnArrayApart) {
    std::vector<std::string_view> items;
    ASSERT_TRUE(json_text::items_of(R"( [1, [2,3] ,{"a":[4]},"]"] )", 4, items));
    EXPECT_EQ(items, (std::vector<std::string_view>{"1", "[2,3]", R"({"a":[4]})", R"("]")"}));
    EXPECT_FALSE(json_text::items_of("[1,2,3]", 2, items));
    EXPECT_FALSE(json_text::items_of(R"({"a":[1]})", 9, items));
    ASSERT_TRUE(json_text::items_of("[]", 0, items));
    EXPECT_TRUE(items.empty());
}

TEST(Cache, ForgetsWhatWasUsedLongestAgo) {
    Cache<int> cache(2, 100);
    cache.put("a", 1, 10);
    cache.put("b", 2, 10);
    ASSERT_TRUE(cache.find("a"));
    cache.put("c", 3, 10);
    EXPECT_FALSE(cache.find("b"));
    EXPECT_TRUE(cache.find("a"));
}

TEST(Cache, HoldsNoMoreBytesThanItMay) {
    Cache<int> cache(10, 100);
    cache.put("a", 1, 60);
    cache.put("b", 2, 60);
    EXPECT_FALSE(cache.find("a"));
    cache.put("b", 3, 40);
    cache.put("c", 4, 60);
    EXPECT_EQ(cache.size(), 2u);
    cache.put("b", 5, 101);
    EXPECT_FALSE(cache.find("b"));
    EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace wse
