// SPDX-License-Identifier: MIT
#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json_scan.h"

namespace wse {
namespace {

std::string written(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(AppendJsonString, EscapesWhatJsonDemands) {
    EXPECT_EQ(written(""), R"("")");
    EXPECT_EQ(written("plain"), R"("plain")");
    EXPECT_EQ(written("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(written("\n\r\t\x01\x1f"), R"("\n\u000d\u0009\u0001\u001f")");
    EXPECT_EQ(written(std::string_view("a\0b", 3)), R"("a\u0000b")");
    EXPECT_EQ(written("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
}

TEST(AppendJsonString, GivesValidJsonForEveryByte) {
    for (int byte = 0; byte < 0x80; ++byte) {
        const std::string text = written(std::string(1, static_cast<char>(byte)));
        EXPECT_TRUE(check_json(text).ok()) << byte;
    }
}

TEST(JsonWriter, WritesMembersInTheOrderOfTheCalls) {
    JsonWriter writer;
    writer.begin_object().member("b", 1).member("a", "x").member("c", true).end_object();
    EXPECT_EQ(writer.text(), R"({"b":1,"a":"x","c":true})");
}

TEST(JsonWriter, PutsCommasBetweenAndNowhereElse) {
    JsonWriter writer;
    writer.begin_object().key("a").begin_array();
    writer.begin_object().end_object().begin_array().end_array().integer(1).string("x");
    writer.raw("null").end_array().key("b").begin_object().end_object().member("c", 2).end_object();
    EXPECT_EQ(writer.take(), R"({"a":[{},[],1,"x",null],"b":{},"c":2})");
}

TEST(JsonWriter, EscapesNames) {
    JsonWriter writer;
    writer.begin_object().member("a\"b", 1).end_object();
    EXPECT_EQ(writer.text(), R"({"a\"b":1})");
}

TEST(JsonWriter, WritesIntegersWhole) {
    JsonWriter writer;
    writer.begin_array();
    writer.integer(std::numeric_limits<int64_t>::min());
    writer.integer(std::numeric_limits<uint64_t>::max()).integer(uint8_t{7}).end_array();
    EXPECT_EQ(writer.text(), "[-9223372036854775808,18446744073709551615,7]");
}

TEST(JsonWriter, WritesNumbersShortAndExact) {
    JsonWriter writer;
    writer.begin_array().number(0.1).number(-2).number(1e300).number(1.0 / 3).end_array();
    EXPECT_EQ(writer.text(), "[0.1,-2,1e+300,0.3333333333333333]");
    EXPECT_TRUE(check_json(writer.text()).ok());
}

TEST(JsonWriter, WritesNullForWhatJsonCannotSay) {
    JsonWriter writer;
    writer.begin_array().number(std::numeric_limits<double>::infinity());
    writer.number(std::numeric_limits<double>::quiet_NaN()).end_array();
    EXPECT_EQ(writer.text(), "[null,null]");
}

TEST(JsonWriter, PicksTheRightKindForAMember) {
    JsonWriter writer;
    const std::string text = "s";
    writer.begin_object().member("text", text).member("view", std::string_view("v"));
    writer.member("truth", false).member("double", 2.5).member("size", sizeof(int)).end_object();
    EXPECT_EQ(writer.text(), R"({"text":"s","view":"v","truth":false,"double":2.5,"size":4})");
}

}  // namespace
}  // namespace wse
