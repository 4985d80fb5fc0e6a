// SPDX-License-Identifier: MIT
#include "server/app_steering.h"

#include <gtest/gtest.h>

#include "module/bytes.h"

namespace wse::server {
namespace {

using module::to_bytes;

class AppSteering : public testing::Test {
protected:
    AppSteering() {
        limits.max_publish_size = 100;
        limits.max_message_size = 50;
        limits.max_topic_length = 32;
        message.struct_size = sizeof message;
    }
    Result<session::Steering> read(uint32_t kind, std::string_view topic = {},
                                   std::string_view data = {}, uint32_t code = 0) const {
        wse_app_command command{};
        command.struct_size = sizeof command;
        command.command = kind;
        command.topic = to_bytes(topic);
        command.data = to_bytes(data);
        command.code = code;
        if (kind == WSE_APP_SEND) command.message = &message;
        return read_steering(command, limits, 1'000'000);
    }
    static wse_status status(const Result<session::Steering> &result) {
        return result ? WSE_OK : result.error().status;
    }

    config::Limits limits;
    wse_message message{};
};

TEST_F(AppSteering, ReadsAnEvent) {
    message.type = to_bytes("invoice");
    message.payload = to_bytes(R"({"n":1})");
    const auto steering = read(WSE_APP_SEND);
    ASSERT_TRUE(steering.ok());
    const auto &event = *std::get<session::SendEvent>(*steering).message;
    EXPECT_EQ(event.publication.type, "invoice");
    EXPECT_EQ(event.publication.payload, R"({"n":1})");
    EXPECT_FALSE(event.publication.id.empty());
    EXPECT_FALSE(event.handling.stamped);
}

TEST_F(AppSteering, RefusesEventsThatNobodyCouldRead) {
    EXPECT_EQ(status(read(WSE_APP_SEND)), WSE_EINVAL) << "no type";
    message.type = to_bytes("server_ready");
    EXPECT_EQ(status(read(WSE_APP_SEND)), WSE_EINVAL) << "in the server's name";
    message.type = to_bytes("x");
    message.payload = to_bytes("{");
    EXPECT_EQ(status(read(WSE_APP_SEND)), WSE_EINVAL);
    const std::string large(101, 'x');
    message.payload = to_bytes(large);
    EXPECT_EQ(status(read(WSE_APP_SEND)), WSE_ETOOBIG);
}

TEST_F(AppSteering, ReadsTextsAndBytes) {
    EXPECT_EQ(std::get<session::SendRaw>(*read(WSE_APP_SEND_TEXT, {}, "hi")).data, "hi");
    EXPECT_TRUE(std::get<session::SendRaw>(*read(WSE_APP_SEND_BINARY, {}, "\xff")).is_binary);
    EXPECT_EQ(status(read(WSE_APP_SEND_TEXT, {}, "\xff")), WSE_EINVAL);
    EXPECT_EQ(status(read(WSE_APP_SEND_BINARY, {}, std::string(51, 'x'))), WSE_ETOOBIG);
}

TEST_F(AppSteering, ReadsSubscriptions) {
    const auto wish = read(WSE_APP_SUBSCRIBE, "news", R"({"recover":true})");
    EXPECT_EQ(std::get<session::SubscribeTopics>(*wish).topics, (std::vector<std::string>{"news"}));
    EXPECT_EQ(std::get<session::SubscribeTopics>(*wish).wish, R"({"recover":true})");
    const auto unsubscribe = read(WSE_APP_UNSUBSCRIBE);
    EXPECT_TRUE(std::get<session::UnsubscribeTopics>(*unsubscribe).topics.empty()) << "all";
    EXPECT_EQ(status(read(WSE_APP_SUBSCRIBE, "\xff")), WSE_EINVAL);
}

TEST_F(AppSteering, ClosesWithACodeThatItMayUse) {
    const auto closing = read(WSE_APP_CLOSE, {}, "out", 4123);
    EXPECT_EQ(std::get<session::CloseSession>(*closing).code, 4123);
    EXPECT_EQ(std::get<session::CloseSession>(*closing).reason, "out");
    EXPECT_EQ(status(read(WSE_APP_CLOSE)), WSE_OK) << "the server's choice";
    for (const uint32_t code : {1000U, 1008U, 1011U, 1012U, 3000U, 4999U})
        EXPECT_TRUE(is_backends_close_code(code)) << code;
    for (const uint32_t code :
         {1U, 999U, 1001U, 1004U, 1005U, 1006U, 1010U, 1015U, 2999U, 5000U, 65536U + 4000U})
        EXPECT_EQ(status(read(WSE_APP_CLOSE, {}, {}, code)), WSE_EINVAL) << code;
    EXPECT_EQ(status(read(WSE_APP_CLOSE, {}, std::string(124, 'x'), 4000)), WSE_ETOOBIG);
}

TEST_F(AppSteering, ReadsLists) {
    const auto lists = read(WSE_APP_SET_ACL, {}, R"({"deny":["x"]})");
    EXPECT_FALSE(std::get<session::SetTopicLists>(*lists).lists.allow);
    EXPECT_EQ(status(read(WSE_APP_SET_ACL, {}, R"({"deny":"x"})")), WSE_EINVAL);
    EXPECT_EQ(status(read(WSE_APP_SET_ACL)), WSE_EINVAL);
}

TEST_F(AppSteering, KnowsNoOtherCommand) {
    EXPECT_EQ(status(read(0)), WSE_EINVAL);
    EXPECT_EQ(status(read(99)), WSE_EINVAL);
    EXPECT_EQ(std::get<session::SetPresence>(*read(WSE_APP_SET_PRESENCE, {}, "{}")).data, "{}");
}

}  // namespace
}  // namespace wse::server
