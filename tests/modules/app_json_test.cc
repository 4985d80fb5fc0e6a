// SPDX-License-Identifier: MIT
// What modules of kind app say and hear in JSON.
#include <gtest/gtest.h>

#include <string>

#include "abi/module_class.h"
#include "app/event_json.h"
#include "app/question_json.h"
#include "jws/base64.h"

namespace wse::app {
namespace {

using abi::bytes_of;

std::string json_of(const wse_app_event &event) {
    std::string out;
    append_event(out, 7, event);
    return out;
}

wse_app_event make_event(uint32_t event, std::string_view data) {
    wse_app_event made{};
    made.struct_size = sizeof made;
    made.event = event;
    made.connection = bytes_of("c1");
    made.user = bytes_of("an\"na");
    made.data = bytes_of(data);
    made.time_ms = 1700000000123;
    return made;
}

TEST(AppEvent, HasWhatAppliesAndNothingElse) {
    wse_app_event event = make_event(WSE_APP_EVENT_MESSAGE, R"({"n":1})");
    event.type = bytes_of("chat");
    event.id = bytes_of("m1");
    EXPECT_EQ(json_of(event),
              R"({"seq":7,"event":"message","conn":"c1","user":"an\"na","type":"chat","id":"m1",)"
              R"("data":{"n":1},"ts":1700000000123})");
    EXPECT_EQ(json_of(make_event(WSE_APP_EVENT_CONNECT, "")),
              R"({"seq":7,"event":"connect","conn":"c1","user":"an\"na","ts":1700000000123})");
}

TEST(AppEvent, TellsHowAConnectionEnded) {
    wse_app_event event = make_event(WSE_APP_EVENT_DISCONNECT, "going away");
    event.code = 1001;
    EXPECT_EQ(json_of(event),
              R"({"seq":7,"event":"disconnect","conn":"c1","user":"an\"na","code":1001,)"
              R"("reason":"going away","ts":1700000000123})");
}

TEST(AppEvent, WritesTextsAsStringsAndOctetsAsBase64) {
    EXPECT_NE(json_of(make_event(WSE_APP_EVENT_TEXT, "a\n\"")).find(R"("data":"a\u000a\"")"),
              std::string::npos);
    EXPECT_NE(
        json_of(make_event(WSE_APP_EVENT_BINARY, "\xff\xfe\x3f\x3e")).find(R"("data":"//4/Pg==")"),
        std::string::npos);
    EXPECT_NE(json_of(make_event(WSE_APP_EVENT_TEXT, "")).find(R"("data":"")"), std::string::npos);
}

TEST(AppEvent, ReadsWhichEventsAreWanted) {
    const char *const some[] = {"connect", "disconnect"};
    const char *const none[] = {"none"};
    const char *const wrong[] = {"connect", "connects"};
    const char *const odd[] = {"none", "connect"};
    uint32_t mask = 0;
    EXPECT_EQ(read_wants({some, 2}, mask), "");
    EXPECT_EQ(mask, 1u << WSE_APP_EVENT_CONNECT | 1u << WSE_APP_EVENT_DISCONNECT);
    EXPECT_EQ(read_wants({nullptr, 0}, mask), "");
    EXPECT_EQ(mask, 0x3feu);
    EXPECT_EQ(read_wants({none, 1}, mask), "");
    EXPECT_EQ(mask, 0u);
    EXPECT_EQ(read_wants({odd, 2}, mask), "events: there is no event 'none'");
    EXPECT_EQ(read_wants({wrong, 2}, mask), "events: there is no event 'connects'");
}

TEST(AppBase64, TakesWhatAnEncoderWrites) {
    std::string bytes;
    EXPECT_EQ(jws::encode_base64(""), "");
    EXPECT_EQ(jws::encode_base64("a"), "YQ==");
    EXPECT_TRUE(jws::decode_base64("YQ==", bytes));
    EXPECT_EQ(bytes, "a");
    EXPECT_TRUE(jws::decode_base64("//4/Pg", bytes));
    EXPECT_EQ(bytes, "\xff\xfe\x3f\x3e");
    for (const char *wrong : {"YQ=", "YQ===", "Y", "__4_", "YR==", "Y Q=", "===="})
        EXPECT_FALSE(jws::decode_base64(wrong, bytes)) << wrong;
}

TEST(AppQuestion, SaysWhatIsAsked) {
    wse_question question{};
    question.struct_size = sizeof question;
    question.question = WSE_ASK_CONNECT;
    question.data = bytes_of("token\"1");
    question.peer = bytes_of("::1");
    question.source = WSE_CREDENTIAL_BEARER;
    question.deadline_ms = 5000;
    std::string out;
    JsonObject connect(out);
    add_question(connect, question);
    connect.end();
    EXPECT_EQ(out, R"({"question":"connect","data":"token\"1","peer":"::1","source":"bearer",)"
                   R"("deadline_ms":5000})");
    question.question = WSE_ASK_PUBLISH;
    question.peer = {};
    question.topic = bytes_of("a");
    question.data = bytes_of(R"({"x":1})");
    out.clear();
    JsonObject publish(out);
    add_question(publish, question);
    publish.end();
    EXPECT_EQ(out, R"({"question":"publish","topic":"a","data":{"x":1},"deadline_ms":5000})");
}

TEST(AppQuestion, GrantsOnlyWhatIsSaidPlainly) {
    const struct {
        uint32_t question;
        const char *text;
        int32_t status;
    } answers[] = {
        {WSE_ASK_SUBSCRIBE, R"({"ok":true})", WSE_OK},
        {WSE_ASK_CONNECT, R"({"ok":true,"user":"a","data":{"x":1}})", WSE_OK},
        {WSE_ASK_CONNECT, R"({"ok":true})", WSE_EAGAIN},
        {WSE_ASK_CONNECT, R"({"ok":true,"user":7})", WSE_EAGAIN},
        {WSE_ASK_CONNECT, R"({"ok":true,"user":"a","data":[1]})", WSE_EAGAIN},
        {WSE_ASK_CONNECT, R"({"ok":true,"user":"a","expires_ms":-1})", WSE_EAGAIN},
        {WSE_ASK_CONNECT, R"({"ok":true,"user":"a","expires_ms":1.5})", WSE_EAGAIN},
        {WSE_ASK_SNAPSHOT, R"({"ok":true})", WSE_EAGAIN},
        {WSE_ASK_SNAPSHOT, R"({"ok":true,"data":[1]})", WSE_OK},
        {WSE_ASK_PUBLISH, R"({"ok":true,"data":null})", WSE_OK},
        {WSE_ASK_SUBSCRIBE, R"({"ok":"true"})", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":1})", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":true,"ok":false})", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"([{"ok":true}])", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":true)", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, "", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":false,"code":"denied"})", WSE_EDENIED},
        {WSE_ASK_SUBSCRIBE, R"({"ok":false,"code":"not_found"})", WSE_ENOTFOUND},
        {WSE_ASK_SUBSCRIBE, R"({"ok":false,"code":"unavailable"})", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":false,"code":"granted"})", WSE_EAGAIN},
        {WSE_ASK_SUBSCRIBE, R"({"ok":false})", WSE_EAGAIN},
    };
    for (const auto &row : answers)
        EXPECT_EQ(read_reply(row.question, row.text).status, row.status) << row.text;
    const Reply reply = read_reply(
        WSE_ASK_CONNECT, R"( {"ok":true,"user":"\u00e9","data":{"a":[]},"expires_ms":17} )");
    EXPECT_EQ(reply.user, "\xc3\xa9");
    EXPECT_EQ(reply.data, R"({"a":[]})");
    EXPECT_EQ(reply.expires_ms, 17u);
}

TEST(AppQuestion, HasNames) {
    for (const char *name : {"connect", "subscribe", "publish", "snapshot"})
        EXPECT_EQ(question_name(question_of(name)), name);
    EXPECT_EQ(question_of("history"), 0u);
    EXPECT_EQ(question_name(0), "");
}

}  // namespace
}  // namespace wse::app
