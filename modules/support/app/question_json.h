// SPDX-License-Identifier: MIT
// What an application is asked, and what it says, as JSON.
#pragma once

#include <string>
#include <string_view>

#include <wse/module.h>

#include "app/json_object.h"

namespace wse::app {

// Adds "question":"connect"|"subscribe"|"publish"|"snapshot" and what is known of "conn", "user",
// "topic", "type", "data", "peer", "listener", "source", "deadline_ms".
void add_question(JsonObject &object, const wse_question &question);

// "connect" and so on; empty for what is unknown.
std::string_view question_name(uint32_t question);
// The other way round; 0 for what is unknown.
uint32_t question_of(std::string_view name);

struct Reply {
    int32_t status = WSE_EAGAIN;  // WSE_OK, WSE_EDENIED, WSE_ENOTFOUND; WSE_EAGAIN: unavailable
    std::string user;
    std::string data;
    uint64_t expires_ms = 0;
    std::string problem;  // of an answer that was none, which is as good as unavailable
};

// {"ok":true,"user":"…","data":…,"expires_ms":…} or {"ok":false,"code":"denied"|"not_found"|
// "unavailable"}, which may have more members. Nothing is granted that is not said plainly.
Reply read_reply(uint32_t question, std::string_view text);

// Answers the token.
void answer(const wse_host *host, wse_ask_token *token, const Reply &reply);

// "cookie", "bearer", "query" or "none", of WSE_CREDENTIAL_*.
std::string_view source_name(uint32_t source);

}  // namespace wse::app
