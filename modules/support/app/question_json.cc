// SPDX-License-Identifier: MIT
#include "app/question_json.h"

#include <utility>

#include "abi/module_class.h"
#include "app/members.h"

namespace wse::app {
namespace {

constexpr struct {
    uint32_t question;
    std::string_view name;
} kQuestions[] = {
    {WSE_ASK_CONNECT, "connect"},
    {WSE_ASK_SUBSCRIBE, "subscribe"},
    {WSE_ASK_PUBLISH, "publish"},
    {WSE_ASK_SNAPSHOT, "snapshot"},
};

Reply problem(std::string sentence) {
    Reply reply;
    reply.problem = std::move(sentence);
    return reply;
}

Reply read_refusal(const Members &members) {
    std::string code;
    if (!members.text("code", code)) return problem("the answer has no code");
    Reply reply;
    if (code == "denied")
        reply.status = WSE_EDENIED;
    else if (code == "not_found")
        reply.status = WSE_ENOTFOUND;
    else if (code != "unavailable")
        return problem("the answer has a code that is unknown");
    return reply;
}

Reply read_grant(uint32_t question, const Members &members) {
    Reply reply;
    if (!members.text_or_nothing("user", reply.user)) return problem("user: is no string");
    if (!members.number_or_nothing("expires_ms", reply.expires_ms))
        return problem("expires_ms: is no whole number");
    const std::string_view data = members.raw("data");
    if (data != "null" || question == WSE_ASK_SNAPSHOT) reply.data = data;
    if (question == WSE_ASK_CONNECT && reply.user.empty())
        return problem("the answer names no user");
    if (question == WSE_ASK_SNAPSHOT && reply.data.empty())
        return problem("the answer has no data");
    const bool wants_object = question == WSE_ASK_CONNECT || question == WSE_ASK_PUBLISH;
    if (wants_object && !reply.data.empty() && reply.data.front() != '{')
        return problem("data: is no object");
    reply.status = WSE_OK;
    return reply;
}

}  // namespace

std::string_view question_name(uint32_t question) {
    for (const auto &row : kQuestions) {
        if (row.question == question) return row.name;
    }
    return {};
}

uint32_t question_of(std::string_view name) {
    for (const auto &row : kQuestions) {
        if (row.name == name) return row.question;
    }
    return 0;
}

void add_question(JsonObject &object, const wse_question &question) {
    const bool is_connect = question.question == WSE_ASK_CONNECT;
    const std::string_view data = abi::text_of(question.data);
    object.text("question", question_name(question.question));
    object.text_if("conn", abi::text_of(question.connection));
    object.text_if("user", abi::text_of(question.user));
    object.text_if("topic", abi::text_of(question.topic));
    object.text_if("type", abi::text_of(question.type));
    if (is_connect)
        object.text_if("data", data);
    else if (!data.empty())
        object.raw("data", data);
    object.text_if("peer", abi::text_of(question.peer));
    object.text_if("listener", abi::text_of(question.listener));
    if (is_connect) object.text("source", source_name(question.source));
    object.number("deadline_ms", question.deadline_ms);
}

Reply read_reply(uint32_t question, std::string_view text) {
    Members members;
    if (!members.read(text)) return problem("the answer is no JSON object");
    const std::string_view ok = members.raw("ok");
    if (ok == "true") return read_grant(question, members);
    return ok == "false" ? read_refusal(members) : problem("ok: is neither true nor false");
}

void answer(const wse_host *host, wse_ask_token *token, const Reply &reply) {
    if (reply.status != WSE_OK) {
        host->ask_done(host, token, reply.status, nullptr);
        return;
    }
    const wse_reply granted = {
        .struct_size = sizeof granted,
        .reserved = 0,
        .user = abi::bytes_of(reply.user),
        .data = abi::bytes_of(reply.data),
        .expires_ms = reply.expires_ms,
    };
    host->ask_done(host, token, WSE_OK, &granted);
}

std::string_view source_name(uint32_t source) {
    switch (source) {
        case WSE_CREDENTIAL_COOKIE:
            return "cookie";
        case WSE_CREDENTIAL_BEARER:
            return "bearer";
        case WSE_CREDENTIAL_QUERY:
            return "query";
        default:
            return "none";
    }
}

}  // namespace wse::app
