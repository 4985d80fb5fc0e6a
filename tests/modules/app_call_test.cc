// SPDX-License-Identifier: MIT
// What an application calls, as the server gets it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <wse/test_host.h>

#include "abi/module_class.h"
#include "app/call.h"
#include "app/call_queue.h"

namespace wse::app {
namespace {

class AppCall : public ::testing::Test {
protected:
    AppCall() : host_(wse_test_host_new(WSE_KIND_APP, 0)) {}
    ~AppCall() override {
        queue_.reset();
        for (int i = 0; i < 4; ++i) wse_test_host_turn(host_);
        EXPECT_STREQ(wse_test_host_misuse(host_), "");
        EXPECT_TRUE(wse_test_host_free(host_));
    }

    const wse_host *abi() const { return wse_test_host_abi(host_); }
    wse_loop *loop() { return wse_test_host_service_loop(host_); }
    std::optional<Call> parse(std::string_view method, std::string_view params) {
        return Call::parse(
            method, params, [this](const CallResult &result) { results_.push_back(result); },
            problem_);
    }
    // Its result, in one turn.
    CallResult run(std::string_view method, std::string_view params) {
        auto call = parse(method, params);
        EXPECT_TRUE(call) << problem_;
        if (!call) return {};
        EXPECT_EQ(call->issue(abi(), loop()), WSE_OK);
        wse_test_host_turn(host_);
        if (results_.empty()) return {};
        CallResult result = results_.back();
        results_.clear();
        return result;
    }
    const wse_app_command &command(uint64_t i) {
        const wse_test_commands all = wse_test_host_commands(host_);
        EXPECT_LT(i, all.count);
        return all.items[i];
    }

    wse_test_host *host_;
    std::string problem_;
    std::vector<CallResult> results_;
    std::unique_ptr<CallQueue> queue_;
};

std::string text(wse_bytes bytes) {
    return std::string(abi::text_of(bytes));
}

TEST_F(AppCall, SendsAMessageToAConnection) {
    const auto result = run("conn.send", R"({"conn":"c1","type":"hi","payload":{"a":[1]},)"
                                         R"("priority":8,"id":"m","extra":{"cid":"x"}})");
    EXPECT_TRUE(result.ok);
    EXPECT_EQ(result.json, "{}");
    const wse_app_command &sent = command(0);
    EXPECT_EQ(sent.command, WSE_APP_SEND);
    EXPECT_EQ(text(sent.connection), "c1");
    EXPECT_EQ(text(sent.message->type), "hi");
    EXPECT_EQ(text(sent.message->payload), R"({"a":[1]})");
    EXPECT_EQ(text(sent.message->id), "m");
    EXPECT_EQ(text(sent.message->extra), R"({"cid":"x"})");
    EXPECT_EQ(sent.message->priority, 8u);
}

TEST_F(AppCall, SteersAConnection) {
    run("conn.send_text", R"({"conn":"c","text":"a\nb"})");
    run("conn.send_binary", R"({"conn":"c","data":"//4/Pg=="})");
    run("conn.close", R"({"conn":"c","code":4001,"reason":"bye"})");
    run("conn.close", R"({"conn":"c"})");
    run("conn.acl", R"({"conn":"c","allow":["a:*"],"deny":null})");
    run("conn.presence", R"({"conn":"c","data":{"x":1}})");
    EXPECT_EQ(text(command(0).data), "a\nb");
    EXPECT_EQ(text(command(1).data), "\xff\xfe\x3f\x3e");
    EXPECT_EQ(command(2).code, 4001u);
    EXPECT_EQ(text(command(2).data), "bye");
    EXPECT_EQ(command(3).code, 1000u);
    EXPECT_EQ(text(command(4).data), R"({"allow":["a:*"]})");
    EXPECT_EQ(text(command(5).data), R"({"x":1})");
    EXPECT_EQ(command(5).command, WSE_APP_SET_PRESENCE);
}

TEST_F(AppCall, SubscribesToEachTopicAndJoinsTheAnswers) {
    wse_test_host_set_called(host_, WSE_OK, R"({"subscribed":["x"],"failed":[]})");
    const auto result = run("conn.subscribe", R"({"conn":"c","topics":["a","b"],"recover":true,)"
                                              R"("presence_data":{"n":1},"epoch":"00000001",)"
                                              R"("offset":5})");
    EXPECT_EQ(result.json, R"({"subscribed":["x","x"],"failed":[]})");
    EXPECT_EQ(text(command(0).topic), "a");
    EXPECT_EQ(text(command(1).topic), "b");
    EXPECT_EQ(text(command(1).data), R"({"recover":true,"presence":{"n":1},)"
                                     R"("recovery":{"b":{"epoch":"00000001","offset":5}}})");
}

TEST_F(AppCall, UnsubscribesFromAllWhenNoTopicIsNamed) {
    run("conn.subscribe", R"({"conn":"c","topic":"a"})");
    run("conn.unsubscribe", R"({"conn":"c"})");
    EXPECT_EQ(text(command(0).data), "");
    EXPECT_EQ(command(1).command, WSE_APP_UNSUBSCRIBE);
    EXPECT_EQ(text(command(1).topic), "");
    EXPECT_FALSE(parse("conn.unsubscribe", R"({"conn":"c","topics":[]})"));
}

TEST_F(AppCall, PassesOperationsOn) {
    wse_test_host_set_called(host_, WSE_OK, R"({"delivered":3})");
    const auto result = run("publish", R"({"topic":"a"})");
    EXPECT_EQ(result.json, R"({"delivered":3})");
    const wse_test_calls calls = wse_test_host_calls(host_);
    EXPECT_EQ(text(calls.items[0].operation), "publish");
    EXPECT_EQ(text(calls.items[0].params), R"({"topic":"a"})");
    wse_test_host_set_called(host_, WSE_EINVAL, R"({"code":"BAD","message":"topic: is none"})");
    const auto failed = run("publish", "");
    EXPECT_FALSE(failed.ok);
    EXPECT_EQ(failed.json, R"({"code":"BAD","message":"topic: is none"})");
}

TEST_F(AppCall, SaysWhyACommandFailed) {
    wse_test_host_set_called(host_, WSE_ENOTFOUND, nullptr);
    const auto result = run("conn.unsubscribe", R"({"conn":"c","topics":["a","b"]})");
    EXPECT_FALSE(result.ok);
    EXPECT_NE(result.json.find(R"("code":"not_found")"), std::string::npos);
}

TEST_F(AppCall, RefusesWhatCannotBeACommand) {
    const struct {
        const char *method, *params, *problem;
    } wrong[] = {
        {"conn.fly", R"({"conn":"c"})", "method: there is no such one"},
        {"conn.send", "[]", "params: are no JSON object"},
        {"conn.send", R"({"type":"x"})", "conn: is missing, or no string"},
        {"conn.send", R"({"conn":""})", "conn: is missing, or no string"},
        {"conn.send", R"({"conn":"c"})", "type: is missing, or no string"},
        {"conn.send", R"({"conn":"c","type":"x","payload":[]})", "payload: is no object"},
        {"conn.send", R"({"conn":"c","type":"x","priority":11})",
         "priority: is no number from 1 to 10"},
        {"conn.send_text", R"({"conn":"c","text":1})", "text: is missing, or no string"},
        {"conn.send_binary", R"({"conn":"c","data":"*"})", "data: is missing, or no base64"},
        {"conn.close", R"({"conn":"c","code":999})", "code: is no number from 1000 to 4999"},
        {"conn.acl", R"({"conn":"c","allow":"a"})", "allow: is no list"},
        {"conn.presence", R"({"conn":"c"})", "data: is missing"},
        {"conn.subscribe", R"({"conn":"c"})", "topic: is missing"},
        {"conn.subscribe", R"({"conn":"c","topics":["a",1]})",
         "topics: an item is no string, or empty"},
        {"publish", "7", "params: are no JSON object"},
    };
    for (const auto &row : wrong) {
        EXPECT_FALSE(parse(row.method, row.params)) << row.params;
        EXPECT_EQ(problem_, row.problem) << row.params;
    }
}

bool issued(void *host) {
    return wse_test_host_commands(static_cast<wse_test_host *>(host)).count == 3;
}

TEST_F(AppCall, KeepsTheOrderWhileTheServerTakesNoMore) {
    int drained = 0;
    queue_ = std::make_unique<CallQueue>(abi(), loop(), [&] { ++drained; });
    wse_test_host_set_called(host_, WSE_EAGAIN, nullptr);
    queue_->push(*parse("conn.unsubscribe", R"({"conn":"c","topics":["a","b"]})"));
    wse_test_host_turn(host_);
    wse_test_host_set_called(host_, WSE_OK, nullptr);
    queue_->push(*parse("conn.close", R"({"conn":"c"})"));
    EXPECT_EQ(queue_->waiting(), 2u);
    ASSERT_TRUE(wse_test_host_turn_until(host_, issued, host_));
    EXPECT_EQ(text(command(0).topic), "a");
    EXPECT_EQ(text(command(1).topic), "b");
    EXPECT_EQ(command(2).command, WSE_APP_CLOSE);
    EXPECT_EQ(drained, 1);
    wse_test_host_turn(host_);
    EXPECT_EQ(results_.size(), 2u);
}

}  // namespace
}  // namespace wse::app
