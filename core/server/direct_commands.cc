// SPDX-License-Identifier: MIT
// send, presence: what concerns clients rather than topics.
#include "base/json_writer.h"
#include "server/command_parts.h"
#include "server/direct.h"
#include "server/gather.h"

namespace wse::server {
namespace {

constexpr size_t kDefaultLimit = 1000;

// What became of it elsewhere; of a connection that is here, there is nothing to ask there.
void send_to_others(CommandContext &context, const Direct &direct, Reached here, JsonWriter &out) {
    if (!context.cluster || (!direct.connection.empty() && here.sent + here.dropped > 0)) return;
    const int32_t status = context.cluster->broadcast(broadcast_of(direct));
    out.member("others", status == WSE_OK);
}

void answer_send(CommandContext &context, const Direct &direct, const std::vector<Reached> &loops,
                 const Ref<admin::Reply> &reply) {
    Reached all;
    for (const auto &loop : loops) {
        all.sent += loop.sent;
        all.dropped += loop.dropped;
    }
    // Where there are other hosts, it may be on one of them.
    if (!context.cluster && !direct.connection.empty() && all.sent + all.dropped == 0)
        return reply->fail("not_found", "no connection has the id '" + direct.connection + "'");
    JsonWriter out;
    out.begin_object().member("id", direct.message->publication.id).member("sent", all.sent);
    out.member("dropped", all.dropped);
    send_to_others(context, direct, all, out);
    reply->ok(out.end_object().text());
}

void send(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    auto direct = read_direct(args, context.settings.limits, context.clock.wall_ms());
    if (!direct)
        return reply->fail(direct.error().status == WSE_ETOOBIG ? "too_large" : "invalid",
                           direct.error().text);
    gather<Reached>(
        context.loops, context.home,
        [direct = *direct](session::Context &loop) { return send_on_loop(loop, direct); },
        [&context, direct = *direct, reply](const std::vector<Reached> &loops) {
            answer_send(context, direct, loops, reply);
        });
}

void presence(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const std::string topic = text_of(args["topic"]);
    const size_t limit = limit_of(args, kDefaultLimit);
    if (topic.empty()) return reply->fail("invalid", "topic: missing or empty");
    context.hub.ask([&home = context.home, reply, topic, limit](const hub::Hub &hub) {
        const hub::Roster roster = hub.roster(topic, limit);
        JsonWriter out;
        out.begin_object().member("topic", topic).key("users").begin_array();
        for (const auto &user : roster.users) {
            out.begin_object().member("user", user.user).key("data").raw(user.data);
            out.member("connections", user.connections).end_object();
        }
        out.end_array().member("total", roster.total);
        out.member("truncated", roster.total > roster.users.size());
        home.post([reply, text = out.end_object().take()] { reply->ok(text); });
    });
}

}  // namespace

void add_direct_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "send", send);
    add(table, context, "presence", presence);
}

}  // namespace wse::server
