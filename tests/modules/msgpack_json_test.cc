// SPDX-License-Identifier: MIT
// Messages written in both forms, and read with what JSON has no word for.
#include <gtest/gtest.h>

#include <wse/module.h>

#include "msgpack_json/message_writer.h"
#include "msgpack_json/msgpack_to_json.h"

namespace wse::msgpack_json {
namespace {

std::string json_of(std::string_view packed) {
    MsgpackToJson reader(Binary::kAsBase64);
    std::string out;
    return reader.convert(packed, out) == WSE_OK ? out : "";
}

std::string written(Form form) {
    std::string out;
    MessageWriter writer(form, out);
    writer.begin_map().member("op", "x\"").member_if("none", "").member_if("some", "s");
    writer.key("items").begin_array().integer(1).begin_map().end().boolean(true).end();
    writer.member_number("n", 1ULL << 63).key("b").bytes("\xff\xfe");
    writer.member_json("j", "[1, {\"a\":null}]").member_json("empty", "").end();
    return out;
}

TEST(MessageWriter, SaysTheSameInBothForms) {
    const std::string wanted =
        R"({"op":"x\"","some":"s","items":[1,{},true],"n":9223372036854775808,"b":"//4=",)"
        R"("j":[1, {"a":null}]})";
    EXPECT_EQ(written(Form::kJson), wanted);
    std::string packed_wanted = wanted;
    packed_wanted.erase(packed_wanted.find(", {") + 1, 1);
    EXPECT_EQ(json_of(written(Form::kMsgpack)), packed_wanted);
}

TEST(MessageWriter, HasAFormForWhatMessagePackHasNone) {
    std::string out;
    MessageWriter writer(Form::kMsgpack, out);
    writer.begin_map().member_json("data", R"({"a":1e999})").member_number("n", 1).end();
    EXPECT_EQ(json_of(out), R"({"data_json":"{\"a\":1e999}","n":1})");
}

TEST(MessageWriter, TakesBackWhatItWrote) {
    for (const Form form : {Form::kJson, Form::kMsgpack}) {
        std::string out;
        MessageWriter writer(form, out);
        writer.begin_map().key("items").begin_array().integer(1);
        const MessageWriter::Mark before = writer.mark();
        writer.begin_map().member("a", "b").end();
        writer.take_back(before);
        writer.integer(2).end().member("c", "d").end();
        EXPECT_EQ(form == Form::kJson ? out : json_of(out), R"({"items":[1,2],"c":"d"})");
    }
}

TEST(MsgpackToJson, TakesBinaryDataOnlyWhenAsked) {
    const std::string_view packed(
        "\x82\xa1"
        "a\xc4\x03\0\xff\x01\xa1"
        "b\xc5\0\x01x",
        14);
    EXPECT_EQ(json_of(packed), R"({"a":"AP8B","b":"eA=="})");
    std::string out;
    EXPECT_EQ(MsgpackToJson().convert(packed, out), WSE_EINVAL);
    EXPECT_EQ(json_of(packed.substr(0, 13)), "");
}

TEST(MsgpackToJson, FindsRoomForTextThatGrows) {
    std::string packed(
        "\x81\xa1"
        "a\xda\x10\0",
        6);
    packed.append(4096, '\x01');
    std::string wanted = R"({"a":")";
    for (int i = 0; i < 4096; ++i) wanted += "\\u0001";
    EXPECT_EQ(json_of(packed), wanted + "\"}");
}

TEST(JsonToMsgpack, AppendsAnyValueOrNothing) {
    JsonToMsgpack packer;
    std::string out = "before";
    EXPECT_EQ(packer.append(" 12", out), WSE_OK);
    EXPECT_EQ(packer.append("\"x\"", out), WSE_OK);
    EXPECT_EQ(out, std::string("before\x0c\xa1x"));
    EXPECT_EQ(packer.append("[1,1e999]", out), WSE_EDENIED);
    EXPECT_EQ(packer.append("[1", out), WSE_EDENIED);
    EXPECT_EQ(out, std::string("before\x0c\xa1x"));
}

}  // namespace
}  // namespace wse::msgpack_json
