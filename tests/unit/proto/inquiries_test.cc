// SPDX-License-Identifier: MIT
#include "proto/inquiries.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wse::proto {
namespace {

TEST(ConfigUpdate, TakesWhatIsInItsRange) {
    const auto update = parse_config_update(
        R"({"compression_threshold":512,"batch_size":100,"batch_timeout":0.01,"unknown":1})");
    ASSERT_TRUE(update.ok());
    EXPECT_EQ(update->compression_threshold, 512U);
    EXPECT_EQ(update->batch_size, 100U);
    EXPECT_EQ(update->batch_timeout_ms, 10U);
    EXPECT_FALSE(update->batching_enabled.has_value());
}

TEST(ConfigUpdate, RefusesWhatIsNot) {
    for (const char *payload : {
             R"({"compression_threshold":511})",
             R"({"compression_threshold":10241})",
             R"({"compression_enabled":1})",
             R"({"batching_enabled":null})",
             R"({"batch_size":0})",
             R"({"batch_size":1.5})",
             R"({"batch_size":"5"})",
             R"({"batch_timeout":0})",
             R"({"batch_timeout":5.1})",
             R"({"batch_timeout":1e400})",
             R"({"max_queue_size":99})",
             R"({"max_queue_size":-100})",
         })
        EXPECT_FALSE(parse_config_update(payload).ok()) << payload;
}

ClientMessage priority_message(std::string_view payload) {
    ClientMessage message;
    message.type = "priority_message";
    message.id = "m1";
    message.payload = payload;
    return message;
}

TEST(PriorityMessage, IsAPublish) {
    const auto request = parse_priority_message(
        priority_message(R"({"topic":"a","type":"alert","payload":{"n":1},"priority":10})"), "u");
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->topic, "a");
    EXPECT_EQ(request->type, "alert");
    EXPECT_EQ(request->payload, R"({"n":1})");
    EXPECT_EQ(request->priority, 10);
    EXPECT_EQ(request->id, "m1");
}

TEST(PriorityMessage, IsItsOwnPayloadWithoutOne) {
    const auto message = priority_message(R"({"type":"alert","content":"now"})");
    const auto request = parse_priority_message(message, "alice");
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->topic, "priority:alice:messages");
    EXPECT_EQ(request->type, "priority_message");
    EXPECT_EQ(request->payload, message.payload);
    EXPECT_EQ(request->priority, 8);
}

TEST(PriorityMessage, NeedsAUserOrATopic) {
    EXPECT_FALSE(parse_priority_message(priority_message("{}"), "").ok());
    EXPECT_FALSE(parse_priority_message(priority_message(R"({"topic":7})"), "u").ok());
}

TEST(BatchResult, CountsBothKinds) {
    const BatchItem items[] = {{.success = true}, {.code = "X", .error = "why"}};
    const auto document = JsonDocument::parse(batch_message_result(items));
    ASSERT_TRUE(document.ok());
    const JsonView payload = document->root()["p"];
    EXPECT_EQ(payload["total"].integer(), 2);
    EXPECT_EQ(payload["successful"].integer(), 1);
    EXPECT_EQ(payload["results"].first().next()["error"].string(), "why");
    EXPECT_FALSE(payload["results"].first()["error"]);
}

}  // namespace
}  // namespace wse::proto
