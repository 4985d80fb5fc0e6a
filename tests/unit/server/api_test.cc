// SPDX-License-Identifier: MIT
#include "server/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "server/api_desk.h"
#include "server/api_openapi.h"

namespace wse::server {
namespace {

std::string complaint(const char *operation, const std::string &parameters) {
    const auto document = JsonDocument::parse(parameters);
    EXPECT_TRUE(document) << parameters;
    const auto checked = check_parameters(*find_operation(operation), document->root());
    return checked ? "" : checked.error().text;
}

TEST(Api, FindsOperationsByTheirNames) {
    std::set<std::string> names;
    for (const Operation &operation : operations()) {
        EXPECT_EQ(find_operation(operation.name), &operation);
        EXPECT_TRUE(names.insert(operation.name).second) << operation.name;
    }
    for (const char *name : {"", "publis", "publish/", "Publish"})
        EXPECT_EQ(find_operation(name), nullptr) << name;
}

TEST(Api, NamesTheParameterThatIsWrong) {
    EXPECT_EQ(complaint("publish", R"({"topic":"a"})"), "");
    EXPECT_EQ(complaint("publish", R"({"topic":"a","payload":null})"), "");
    EXPECT_EQ(complaint("publish", "{}"), "topic: missing");
    EXPECT_EQ(complaint("publish", R"({"topic":""})"), "topic: empty");
    EXPECT_EQ(complaint("publish", R"({"topic":1})"), "topic: not a string");
    EXPECT_EQ(complaint("publish", R"({"topic":"a","tpoic":1})"),
              "tpoic: publish has no such parameter");
    EXPECT_EQ(complaint("publish", R"({"topic":"a","priority":1.5})"),
              "priority: not a whole number");
    EXPECT_EQ(complaint("send", R"({"type":"a","all":1})"), "all: not true or false");
    EXPECT_EQ(complaint("broadcast", R"({"topics":["a",1]})"), "topics: not a list of strings");
    EXPECT_EQ(complaint("broadcast", R"({"topics":[]})"), "topics: 0 items, not 1 to 1000");
    EXPECT_EQ(complaint("history", R"({"topic":"a","limit":1001})"), "limit: 1001, not 1 to 1000");
    EXPECT_EQ(complaint("history", R"({"topic":"a","after":-1})"), "after: -1, not 0 or more");
    // With "/999" behind it, it is the key of a publish.
    EXPECT_EQ(complaint("batch",
                        R"({"commands":[{}],"idempotency_key":")" + std::string(125, 'k') + "\"}"),
              "idempotency_key: 125 bytes, not 1 to 124");
    EXPECT_EQ(complaint("publish",
                        R"({"topic":"a","idempotency_key":")" + std::string(124, 'k') + "/999\"}"),
              "");
    EXPECT_EQ(complaint("subscribe", R"({"topics":["a"],"presence":[]})"),
              "presence: not an object");
}

TEST(Api, AddsAMemberUnlessItIsThere) {
    EXPECT_EQ(with_member("{}", "a", "b"), R"({"a":"b"})");
    EXPECT_EQ(with_member(R"( { "c" : 1 } )", "a", "\""), R"({"a":"\"", "c" : 1 } )");
    EXPECT_EQ(with_member(R"({"a":1})", "a", "b"), R"({"a":1})");
    EXPECT_EQ(with_member("[]", "a", "b"), "[]");
}

TEST(Api, TellsAnOutcomeToProgramsInEachForm) {
    const Outcome done{.ok = true, .result = "{}"};
    EXPECT_EQ(done.json(), "{}");
    EXPECT_EQ(done.status(), WSE_OK);
    const Outcome failed{.code = "not_found", .message = "no \"a\""};
    EXPECT_EQ(failed.json(), R"({"error":{"code":"not_found","message":"no \"a\""}})");
    EXPECT_EQ(failed.error_json(), R"({"code":"not_found","message":"no \"a\""})");
    EXPECT_EQ(failed.status(), WSE_ENOTFOUND);
    EXPECT_EQ((Outcome{.code = "internal"}).status(), WSE_EIO);
}

TEST(Api, AnswersACallOnce) {
    int calls = 0;
    const auto reply = outcome_reply([&calls](const Outcome &outcome) {
        ++calls;
        EXPECT_EQ(outcome.code, "invalid");
    });
    reply->fail("invalid", "");
    reply->ok("{}");
    EXPECT_EQ(calls, 1);
}

TEST(Api, HasAStatusForEachCode) {
    EXPECT_EQ(error_answer("unauthorized", "").status, 401);
    EXPECT_EQ(error_answer("unknown", "").status, 500);
    EXPECT_EQ(error_answer("invalid", "\xff").body,
              "{\"error\":{\"code\":\"invalid\",\"message\":\"not readable\"}}\n");
}

TEST(OpenApi, IsMadeFromTheTable) {
    const std::string text = openapi_json();
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document) << document.error().text;
    const JsonView root = document->root();
    EXPECT_EQ(root["openapi"].string(), "3.0.3");
    EXPECT_EQ(root["paths"].size(), operations().size());
    for (const Operation &operation : operations()) {
        const JsonView path = root["paths"][std::string(kApiPrefix) + operation.name];
        EXPECT_EQ(path["post"]["operationId"].string(), operation.name);
        EXPECT_EQ(static_cast<bool>(path["get"]), operation.reads) << operation.name;
        const JsonView schema =
            path["post"]["requestBody"]["content"]["application/json"]["schema"];
        EXPECT_EQ(schema["properties"].size(), operation.parameters.size()) << operation.name;
        size_t required = 0;
        for (const Parameter &parameter : operation.parameters) {
            EXPECT_TRUE(schema["properties"][parameter.name]["description"]) << parameter.name;
            required += parameter.required ? 1 : 0;
        }
        EXPECT_EQ(schema["required"].size(), required) << operation.name;
        EXPECT_TRUE(path["post"]["responses"]["200"]["description"]) << operation.name;
        EXPECT_TRUE(path["post"]["responses"]["default"]) << operation.name;
    }
    EXPECT_TRUE(root["components"]["schemas"]["Error"]);
    EXPECT_TRUE(root["components"]["securitySchemes"]["bearer"]);
}

}  // namespace
}  // namespace wse::server
