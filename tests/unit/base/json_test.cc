// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wse {
namespace {

JsonDocument parsed(std::string_view text) {
    auto document = JsonDocument::parse(text);
    EXPECT_TRUE(document.ok()) << text;
    return std::move(*document);
}

TEST(Json, FindsMembersByName) {
    const auto document = parsed(R"({"a":"x","b":{"c":true}})");
    EXPECT_EQ(document.root()["a"].string(), "x");
    EXPECT_EQ(document.root()["b"]["c"].boolean(), true);
}

TEST(Json, DistinguishesUpperAndLowerCaseInNames) {
    const auto document = parsed(R"({"Alg":"none","alg":"HS256"})");
    EXPECT_EQ(document.root()["alg"].string(), "HS256");
    EXPECT_FALSE(document.root()["ALG"]);
}

TEST(Json, AnswersWithAbsenceWhereNothingIs) {
    const auto document = parsed(R"({"a":[1]})");
    const auto absent = document.root()["x"]["y"].first().next();
    EXPECT_FALSE(absent);
    EXPECT_EQ(absent.string(), std::nullopt);
    EXPECT_EQ(absent.number(), std::nullopt);
    EXPECT_EQ(absent.integer(), std::nullopt);
    EXPECT_EQ(absent.boolean(), std::nullopt);
    EXPECT_EQ(absent.size(), 0U);
    EXPECT_EQ(absent.name(), "");
    EXPECT_FALSE(absent.is_null());
    EXPECT_FALSE(document.root()["a"]["b"]) << "an array has no names";
}

TEST(Json, WalksChildrenInOrder) {
    const auto document = parsed(R"({"b":1,"a":[10,20,30]})");
    EXPECT_EQ(document.root().size(), 2U);
    EXPECT_EQ(document.root().first().name(), "b");
    EXPECT_EQ(document.root().first().next().name(), "a");
    std::vector<int64_t> numbers;
    for (auto item = document.root()["a"].first(); item; item = item.next())
        numbers.push_back(item.integer().value_or(-1));
    EXPECT_THAT(numbers, testing::ElementsAre(10, 20, 30));
}

TEST(Json, KeepsTypesApart) {
    const auto document = parsed(R"({"s":"1","n":1,"t":true,"z":null,"o":{},"a":[]})");
    const auto root = document.root();
    EXPECT_EQ(root["s"].integer(), std::nullopt);
    EXPECT_EQ(root["n"].string(), std::nullopt);
    EXPECT_EQ(root["n"].boolean(), std::nullopt);
    EXPECT_EQ(root["t"].number(), std::nullopt);
    EXPECT_TRUE(root["z"].is_null());
    EXPECT_TRUE(root["o"].is_object() && !root["o"].is_array());
    EXPECT_TRUE(root["a"].is_array() && !root["a"].is_object());
    EXPECT_TRUE(root["s"].is_string());
}

TEST(Json, DecodesEscapes) {
    const auto document = parsed(R"(["\u0041\u00e9\ud83d\ude00\n\"\\\/"])");
    EXPECT_EQ(document.root().first().string(), "A\xc3\xa9\xf0\x9f\x98\x80\n\"\\/");
}

struct Integer {
    const char *text;
    std::optional<int64_t> value;
};

void PrintTo(const Integer &row, std::ostream *out) {
    *out << row.text;
}

class JsonInteger : public testing::TestWithParam<Integer> {};

TEST_P(JsonInteger, IsWholeAndExact) {
    EXPECT_EQ(parsed(GetParam().text).root().integer(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Table, JsonInteger,
    testing::Values(Integer{"0", 0}, Integer{"-0", 0}, Integer{"42", 42}, Integer{"1e3", 1000},
                    Integer{"1.0", 1}, Integer{"9007199254740991", 9007199254740991},
                    Integer{"-9007199254740991", -9007199254740991},
                    // From here on a double does not tell neighbours apart.
                    Integer{"9007199254740992", std::nullopt},
                    Integer{"9007199254740993", std::nullopt},
                    Integer{"-9007199254740993", std::nullopt},
                    Integer{"18446744073709551615", std::nullopt}, Integer{"1e999", std::nullopt},
                    Integer{"-1e999", std::nullopt}, Integer{"0.5", std::nullopt},
                    Integer{"\"1\"", std::nullopt}));

TEST(Json, HasNoNumberThatIsNotFinite) {
    EXPECT_EQ(parsed("1e999").root().number(), std::nullopt);
    EXPECT_EQ(parsed("-1e999").root().number(), std::nullopt);
    EXPECT_EQ(parsed("1.5e-3").root().number(), 0.0015);
}

TEST(Json, RefusesWhatIsNotStrictJson) {
    for (const char *text : {"", "{", "{\"a\":01}", "[NaN]", "[1,]", "{\"a\":1}x", "[\"\\x\"]",
                             "[\"\t\"]", "[\"\\ud800\"]", "[\"\\ude00\\ud83d\"]"})
        EXPECT_FALSE(JsonDocument::parse(text).ok()) << text;
}

TEST(Json, RefusesAStringWithAZeroCharacter) {
    EXPECT_FALSE(JsonDocument::parse(R"({"sub":"admin\u0000x"})").ok());
    EXPECT_FALSE(JsonDocument::parse(R"({"sub\u0000":1})").ok());
    EXPECT_FALSE(JsonDocument::parse(R"(["\\\u0000"])").ok());
}

TEST(Json, TakesAnEscapedBackslashBeforeU0000ForWhatItIs) {
    const auto document = parsed(R"(["\\u0000"])");
    EXPECT_EQ(document.root().first().string(), "\\u0000");
}

TEST(Json, RefusesNestingBeyondTheLimitBeforeItAllocates) {
    EXPECT_TRUE(JsonDocument::parse(std::string(64, '[') + std::string(64, ']')).ok());
    EXPECT_FALSE(JsonDocument::parse(std::string(65, '[') + std::string(65, ']')).ok());
    EXPECT_FALSE(JsonDocument::parse(std::string(1'000'000, '[')).ok());
}

TEST(Json, ReadsALongNumberWhole) {
    EXPECT_EQ(parsed("1" + std::string(99, '0')).root().number(), 1e99);
    EXPECT_EQ(parsed("[0." + std::string(99, '0') + "1e99]").root().first().number(), 0.1);
}

TEST(Json, ReadsTextThatIsNotTerminated) {
    EXPECT_EQ(parsed(std::string_view("123", 2)).root().integer(), 12);
}

}  // namespace
}  // namespace wse
