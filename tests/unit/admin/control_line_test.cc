// SPDX-License-Identifier: MIT
#include "admin/control_line.h"

namespace wse::admin {
namespace {

TEST(ControlLine, ReadsCommandAndArguments) {
    std::optional<int64_t> id;
    const auto request = parse_request(R"({"id":7,"cmd":"conn.ls","args":{"user":"alice"}})", id);
    ASSERT_TRUE(request.ok()) << request.error().text;
    EXPECT_EQ(request->id, 7);
    EXPECT_EQ(request->command, "conn.ls");
    EXPECT_EQ(request->args.root()["user"].string(), "alice");
}

TEST(ControlLine, TakesAbsentArgumentsAsNone) {
    std::optional<int64_t> id;
    const auto request = parse_request(R"({"cmd":"status","id":0})", id);
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->args_text, "{}");
}

TEST(ControlLine, RefusesWhatIsNotARequest) {
    const struct {
        std::string_view line;
        bool has_id;
        std::string_view reason;
    } kCases[] = {
        {"nonsense", false, "not a JSON object"},
        {"[1]", false, "not a JSON object"},
        {R"({"id":1,"cmd":"a")", false, "not a JSON object"},
        {"{\"id\":1,\"cmd\":\"\xff\"}", false, "not UTF-8"},
        {R"({"cmd":"status"})", false, "no \"id\""},
        {R"({"id":"1","cmd":"status"})", false, "no \"id\""},
        {R"({"id":-1,"cmd":"status"})", false, "no \"id\""},
        {R"({"id":1.5,"cmd":"status"})", false, "no \"id\""},
        {R"({"id":9007199254740993,"cmd":"status"})", false, "no \"id\""},
        {R"({"id":1})", true, "no \"cmd\""},
        {R"({"id":1,"cmd":4})", true, "no \"cmd\""},
        {R"({"id":1,"cmd":"a","args":[]})", true, "args is not an object"},
        {R"({"id":1,"cmd":"a","args":{"x":"\u0000"}})", true, "args: "},
    };
    for (const auto &test : kCases) {
        std::optional<int64_t> id;
        const auto request = parse_request(test.line, id);
        ASSERT_FALSE(request.ok()) << test.line;
        EXPECT_EQ(id.has_value(), test.has_id) << test.line;
        EXPECT_NE(request.error().text.find(test.reason), std::string::npos)
            << test.line << " gave: " << request.error().text;
    }
}

TEST(ControlLine, KeepsAPrettyPayloadOnOneLine) {
    EXPECT_EQ(event_line(3, "{\r\n\"a\": 1}"), R"({"id":3,"event":{  "a": 1}})");
    EXPECT_EQ(ok_line(3, "[1,\n2]"), R"({"id":3,"ok":true,"result":[1, 2]})");
}

TEST(ControlLine, WritesAnErrorWithoutAnIdAsNull) {
    EXPECT_EQ(error_line(std::nullopt, "invalid", "a \"b\""),
              R"({"id":null,"ok":false,"error":{"code":"invalid","message":"a \"b\""}})");
}

}  // namespace
}  // namespace wse::admin
