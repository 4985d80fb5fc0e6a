// SPDX-License-Identifier: MIT
// backplane, dlq.ls, dlq.replay, dlq.drop: an operator's questions to the module of kind backplane,
// whose answers are passed on as they are.
#include "base/json_writer.h"
#include "server/command_parts.h"

namespace wse::server {
namespace {

constexpr size_t kDefaultLimit = 100;

const char *code_of(wse_status status) {
    switch (status) {
        case WSE_EINVAL:
            return "invalid";
        case WSE_ENOTFOUND:
            return "not_found";
        case WSE_EDENIED:
            return "denied";
        case WSE_ETOOBIG:
            return "too_large";
        case WSE_ETIMEDOUT:
            return "timeout";
        default:
            return "unavailable";
    }
}

void ask(CommandContext &context, const std::string &request, const Ref<admin::Reply> &reply) {
    if (!context.cluster)
        return reply->fail("unavailable", "no module joins this host with others");
    context.cluster->command(request, [reply](const Result<std::string> &said) {
        if (said) return reply->ok(*said);
        reply->fail(code_of(said.error().status), said.error().text);
    });
}

void backplane(CommandContext &context, const admin::Args & /*args*/,
               const Ref<admin::Reply> &reply) {
    ask(context, R"({"command":"status"})", reply);
}

void list_letters(CommandContext &context, const admin::Args &args,
                  const Ref<admin::Reply> &reply) {
    const std::string topic = text_of(args["topic"]);
    JsonWriter out;
    out.begin_object().member("command", "dlq_list");
    if (!topic.empty()) out.member("topic", topic);
    ask(context, out.member("limit", limit_of(args, kDefaultLimit)).end_object().take(), reply);
}

// Of one letter, or of all when the id is "all".
void handle_letters(CommandContext &context, std::string_view command, const admin::Args &args,
                    const Ref<admin::Reply> &reply) {
    const std::string topic = text_of(args["topic"]);
    const std::string id = text_of(args["id"]);
    if (topic.empty()) return reply->fail("invalid", "topic: missing or empty");
    if (id.empty()) return reply->fail("invalid", "id: missing or empty; \"all\" names all");
    JsonWriter out;
    out.begin_object().member("command", command).member("topic", topic).member("id", id);
    ask(context, out.end_object().take(), reply);
}

void replay_letters(CommandContext &context, const admin::Args &args,
                    const Ref<admin::Reply> &reply) {
    handle_letters(context, "dlq_replay", args, reply);
}

void drop_letters(CommandContext &context, const admin::Args &args,
                  const Ref<admin::Reply> &reply) {
    handle_letters(context, "dlq_drop", args, reply);
}

}  // namespace

void add_backplane_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "backplane", backplane);
    add(table, context, "dlq.ls", list_letters);
    add(table, context, "dlq.replay", replay_letters);
    add(table, context, "dlq.drop", drop_letters);
}

}  // namespace wse::server
