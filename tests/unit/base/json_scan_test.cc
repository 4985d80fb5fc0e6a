// SPDX-License-Identifier: MIT
#include "base/json_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"

namespace wse {
namespace {

std::string nested(int depth, char open = '[', char close = ']') {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open == '{' ? "{\"a\":" : "[";
    text += '1';
    return text + std::string(static_cast<size_t>(depth), close);
}

class ValidJson : public testing::TestWithParam<std::string> {};
class InvalidJson : public testing::TestWithParam<std::string> {};

TEST_P(ValidJson, IsAccepted) {
    const auto checked = check_json(GetParam());
    EXPECT_TRUE(checked.ok()) << GetParam() << ": " << checked.error().text;
}

TEST_P(InvalidJson, IsRefused) {
    const auto checked = check_json(GetParam());
    ASSERT_FALSE(checked.ok()) << GetParam();
    EXPECT_EQ(checked.error().status, WSE_EINVAL);
    EXPECT_THAT(checked.error().text, testing::HasSubstr(" at byte "));
}

// Whatever is cut off a valid text that is not a number leaves an invalid one.
TEST_P(ValidJson, IsRefusedWhenTruncated) {
    const std::string &text = GetParam();
    const char first = text[text.find_first_not_of(" \t\r\n")];
    if (first != '{' && first != '[' && first != '"') return;
    const size_t end = text.find_last_not_of(" \t\r\n");
    for (size_t length = 0; length <= end; ++length)
        EXPECT_FALSE(check_json(std::string_view(text).substr(0, length)).ok()) << length;
}

INSTANTIATE_TEST_SUITE_P(Values, ValidJson,
                         testing::Values("null", "true", "false", "0", "-0", "7", "-1", "10", "1.5",
                                         "-0.0", "0.001", "1e5", "1E5", "1e+5", "1e-5", "0e0",
                                         "1.25e10", "1e999", "-1e-999",
                                         "123456789012345678901234567890", "\"\"", "\"abc\"", " 1 ",
                                         "\t\r\n{}\n"));
INSTANTIATE_TEST_SUITE_P(Strings, ValidJson,
                         testing::Values(R"("\"\\\/\b\f\n\r\t")", R"("\u0041\u00e9\uD83D\uDE00")",
                                         R"("\u0000")", R"("\\u0000")", "\"\x7f\"",
                                         "\"caf\xc3\xa9\"", R"("{}[],:")", R"("\\")"));
INSTANTIATE_TEST_SUITE_P(Structures, ValidJson,
                         testing::Values("[]", "{}", "[ ]", "{ }", "[1]", "[1,2]", "[[],{},[]]",
                                         R"({"a":1})", R"({"a":{"b":[1,{"c":null}]},"d":"e"})",
                                         R"( { "a" : 1 , "b" : [ 1 , 2 ] } )", R"({"":""})",
                                         R"({"a":1,"a":2})", nested(64), nested(64, '{', '}')));

INSTANTIATE_TEST_SUITE_P(Numbers, InvalidJson,
                         testing::Values("01", "-01", "00", "-", "+1", ".5", "1.", "1.e5", "1e",
                                         "1e+", "1E-", "0x10", "NaN", "nan", "Infinity",
                                         "-Infinity", "1_000", "1 2", "1-", "--1", "1e5.5",
                                         "\xef\xbc\x91"));
INSTANTIATE_TEST_SUITE_P(Words, InvalidJson,
                         testing::Values("", " ", "nul", "nulll", "tru", "True", "falsehood",
                                         "undefined", "'a'", "a", "\xef\xbb\xbf{}",
                                         std::string(1, '\0'), std::string("1\0", 2),
                                         std::string("[1\0]", 4), "\v1", "\f1",
                                         "\xc2\xa0"
                                         "1"));
INSTANTIATE_TEST_SUITE_P(Strings, InvalidJson,
                         testing::Values("\"", "\"a", R"("\)", R"("\")", R"("\a")", R"("\x41")",
                                         R"("\U0041")", R"("\u")", R"("\u004")", R"("\u004g")",
                                         R"("\u 041")", R"("\u00)", "\"a\nb\"", "\"a\tb\"",
                                         "\"\x1f\"", std::string("\"\0\"", 3),
                                         std::string("\"\\\0\"", 4)));
INSTANTIATE_TEST_SUITE_P(
    Structures, InvalidJson,
    testing::Values("[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1}", "{1}",
                    "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}",
                    "{\"a\" 1}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1]",
                    "{\"a\":1}}", "[]]", "[] []", "{}{}", "{}x", "[1]/**/", "/**/1", "//\n1",
                    "[1,,2]", "{\"a\":1,,\"b\":2}", "{\"a\"::1}", "{null:1}", "[\"a\":1]",
                    nested(65), nested(65, '{', '}'), std::string(100'000, '['),
                    std::string(64, '[') + "{}" + std::string(64, ']')));

TEST(CheckJson, NamesTheByteWhereItWentWrong) {
    EXPECT_EQ(check_json("[1,x]").error().text, "bad value at byte 4");
    EXPECT_EQ(check_json("").error().text, "bad value at byte 1");
    EXPECT_EQ(check_json(nested(65)).error().text, "nested too deeply at byte 65");
    EXPECT_EQ(check_json("{} {").error().text, "text after the value at byte 4");
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs scanned(std::string_view text) {
    std::vector<JsonMember> members;
    const auto result = scan_json_object(text, members);
    EXPECT_TRUE(result.ok()) << text << ": " << result.error().text;
    Pairs pairs;
    for (const auto &[name, value] : members) pairs.emplace_back(name, value);
    return pairs;
}

TEST(ScanJsonObject, GivesTheMembersByteForByte) {
    EXPECT_EQ(scanned("{}"), Pairs());
    EXPECT_EQ(scanned(" { } "), Pairs());
    EXPECT_EQ(scanned(R"({"t":"x","n":-1.50e+03})"), (Pairs{{"t", "\"x\""}, {"n", "-1.50e+03"}}));
    EXPECT_EQ(scanned("\n{\t\"a\" :\r\n { \"b\" : [ 1 , 2 ] } \t, \"c\" : null }"),
              (Pairs{{"a", "{ \"b\" : [ 1 , 2 ] }"}, {"c", "null"}}));
}

TEST(ScanJsonObject, KeepsInnerMembersInside) {
    EXPECT_EQ(scanned(R"({"p":{"t":1,"p":{"t":2}},"t":[{"x":[]},{}]})"),
              (Pairs{{"p", R"({"t":1,"p":{"t":2}})"}, {"t", R"([{"x":[]},{}])"}}));
}

TEST(ScanJsonObject, LeavesEscapesUntouched) {
    EXPECT_EQ(scanned(R"({"\u0074":"\"}\\"})"), (Pairs{{R"(\u0074)", R"("\"}\\")"}}));
    EXPECT_EQ(scanned("{\"caf\xc3\xa9\":\"\xf0\x9f\x98\x80\"}"),
              (Pairs{{"caf\xc3\xa9", "\"\xf0\x9f\x98\x80\""}}));
}

TEST(ScanJsonObject, PointsIntoTheText) {
    const std::string text = R"({"a": [1]})";
    std::vector<JsonMember> members;
    ASSERT_TRUE(scan_json_object(text, members).ok());
    EXPECT_EQ(members[0].name.data(), text.data() + 2);
    EXPECT_EQ(members[0].value.data(), text.data() + 6);
}

TEST(ScanJsonObject, RefusesWhatIsNotAnObject) {
    std::vector<JsonMember> members;
    for (const char *text : {"", "[]", "[{\"a\":1}]", "\"{}\"", "1", "null", " "})
        EXPECT_FALSE(scan_json_object(text, members).ok()) << text;
}

TEST(ScanJsonObject, RefusesANameThatStandsTwice) {
    std::vector<JsonMember> members;
    EXPECT_EQ(scan_json_object(R"({"t":1,"p":2,"t":3})", members).error().text,
              "member 't' stands twice");
    EXPECT_TRUE(scan_json_object(R"({"t":{"a":1,"a":2}})", members).ok()) << "inside is not ours";
}

std::string members_text(size_t count) {
    std::string text = "{";
    for (size_t i = 0; i < count; ++i)
        text += (i ? ",\"" : "\"") + std::to_string(i) + "\":[1,2,3]";
    return text + "}";
}

TEST(ScanJsonObject, TakesSoManyMembersAndNoMore) {
    std::vector<JsonMember> members;
    EXPECT_TRUE(scan_json_object(members_text(kJsonMaxMembers), members).ok());
    EXPECT_EQ(members.size(), kJsonMaxMembers);
    const auto refused = scan_json_object(members_text(kJsonMaxMembers + 1), members);
    EXPECT_THAT(refused.error().text, testing::HasSubstr("too many members"));
    EXPECT_TRUE(check_json(members_text(kJsonMaxMembers + 1)).ok());
}

TEST(ScanJsonObject, ShowsOnlySoMuchOfANameThatStandsTwice) {
    std::string name;
    for (int i = 0; i < 1000; ++i) name += "\u00e9";
    const std::string member = '"' + name + "\":1";
    std::vector<JsonMember> members;
    const auto refused = scan_json_object('{' + member + ',' + member + '}', members);
    ASSERT_FALSE(refused.ok());
    EXPECT_LT(refused.error().text.size(), 64U);
    EXPECT_TRUE(is_utf8(refused.error().text));
}

TEST(HasHalfSurrogatePair, KnowsAPairFromAHalf) {
    for (const char *text :
         {R"("")", R"("\u0041\n")", R"("\ud83d\ude00")", R"("\uD83D\uDE00\u00e9")", R"("\\ud800")",
          R"("\ud7ff\ue000")", R"(["\ud83d\ude00","x"])"}) {
        EXPECT_FALSE(has_half_surrogate_pair(text)) << text;
    }
    for (const char *text :
         {R"("\ud800")", R"("\uDC00")", R"("\ud83dx\ude00")", R"("\ud83d\ud83d")", R"("\\\ud800")",
          R"("\ude00\ud83d")", R"(["\ud83d","\ude00"])"}) {
        EXPECT_TRUE(has_half_surrogate_pair(text)) << text;
    }
}

TEST(LongNumber, IsOneWithMoreDigitsInARowThanParsersTake) {
    const std::string most(kJsonMaxDigits, '7');
    const std::string more = most + '7';
    for (const std::string &text :
         {most, "[" + most + "," + most + "]", "1." + most, "\"" + more + "\"",
          R"({"\\":"\"","a":")" + more + R"("})", most + "." + most}) {
        EXPECT_FALSE(has_long_number(text)) << text;
    }
    for (const std::string &text :
         {more, "-" + more, "[1," + more, R"({"a":"\"","b":)" + more + "}", "0." + more,
          "1e" + more, R"([")" + more + R"(",)" + more + "]"}) {
        EXPECT_TRUE(has_long_number(text)) << text;
    }
}

TEST(ScanJsonArray, GivesTheItemsAsWritten) {
    std::vector<std::string_view> items;
    ASSERT_TRUE(scan_json_array(R"( [1, "a,]" ,[2,3],{"b":[]}] )", items).ok());
    EXPECT_EQ(items, (std::vector<std::string_view>{"1", R"("a,]")", "[2,3]", R"({"b":[]})"}));
    ASSERT_TRUE(scan_json_array("[]", items).ok());
    EXPECT_TRUE(items.empty());
    for (const char *text : {"", "{}", "7", "[1", "[1,]", "[1]]"})
        EXPECT_FALSE(scan_json_array(text, items).ok()) << text;
}

TEST(ScanJsonArray, HasNoLimitOfItems) {
    std::string text = "[0";
    for (int i = 0; i < 100'000; ++i) text += ",0";
    std::vector<std::string_view> items;
    ASSERT_TRUE(scan_json_array(text + "]", items).ok());
    EXPECT_EQ(items.size(), 100'001U);
}

TEST(ScanJsonObject, ReplacesWhatStoodInTheResult) {
    std::vector<JsonMember> members;
    ASSERT_TRUE(scan_json_object(R"({"a":1,"b":2})", members).ok());
    ASSERT_TRUE(scan_json_object(R"({"c":3})", members).ok());
    EXPECT_EQ(members.size(), 1U);
}

TEST(FindMember, GivesTheValueOrAnEmptyView) {
    std::vector<JsonMember> members;
    ASSERT_TRUE(scan_json_object(R"({"a":1,"b":""})", members).ok());
    EXPECT_EQ(find_member(members, "a"), "1");
    EXPECT_EQ(find_member(members, "b"), "\"\"");
    EXPECT_TRUE(find_member(members, "c").empty());
}

}  // namespace
}  // namespace wse
