// SPDX-License-Identifier: MIT
// What an application answers and calls. Nothing is granted that is not said in JSON, and what the
// server is given as JSON is JSON.
#include <string>
#include <vector>

#include "app/command.h"
#include "app/question_json.h"
#include "app_webhook/backoff.h"
#include "fuzz.h"
#include "json_text/json_text.h"

namespace wse::app {
namespace {

void check_reply(std::string_view text) {
    for (const uint32_t question :
         {WSE_ASK_CONNECT, WSE_ASK_SUBSCRIBE, WSE_ASK_PUBLISH, WSE_ASK_SNAPSHOT}) {
        const Reply reply = read_reply(question, text);
        if (reply.status != WSE_OK) continue;
        WSE_ASSERT(json_text::is_json(text), "what is no JSON grants something");
        WSE_ASSERT(reply.problem.empty(), "a problem grants something");
        WSE_ASSERT(reply.data.empty() || json_text::is_json(reply.data), "the data is no JSON");
        WSE_ASSERT(question != WSE_ASK_CONNECT || !reply.user.empty(), "nobody is let in");
    }
}

void check_commands(std::string_view method, std::string_view params) {
    std::vector<Command> commands;
    const std::string problem = read_commands(method, params, commands);
    WSE_ASSERT(problem.empty() == !commands.empty(), "neither a problem nor a command, or both");
    for (const Command &command : commands) {
        WSE_ASSERT(!command.connection.empty(), "a command to nobody");
        const bool has_json = command.command == WSE_APP_SUBSCRIBE ||
                              command.command == WSE_APP_SET_ACL ||
                              command.command == WSE_APP_SET_PRESENCE;
        WSE_ASSERT(!has_json || command.data.empty() || json_text::is_json(command.data),
                   "the data of a command is no JSON");
        WSE_ASSERT(!command.has_message || json_text::is_json(command.payload),
                   "the payload of a message is no JSON");
    }
}

}  // namespace
}  // namespace wse::app

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text = wse::fuzz::text_of(data, size);
    wse::app::check_reply(text);
    for (const char *method : {"conn.send", "conn.send_text", "conn.send_binary", "conn.subscribe",
                               "conn.unsubscribe", "conn.close", "conn.acl", "conn.presence"})
        wse::app::check_commands(method, text);
    WSE_ASSERT(wse::app_webhook::retry_after_ms(text, 1'764'428'400'000) <= 253'402'300'800'000,
               "a pause that ends after the year 9999");
    return 0;
}
