// SPDX-License-Identifier: MIT
// send, presence: what concerns clients rather than topics.
#include "base/json_writer.h"
#include "server/command_parts.h"
#include "server/gather.h"
#include "session/session.h"

namespace wse::server {
namespace {

constexpr size_t kDefaultLimit = 1000;

struct Target {
    std::string connection, user;
    bool all = false;
};

struct Reached {
    size_t sent = 0, dropped = 0;

    void count(bool was_sent) { ++(was_sent ? sent : dropped); }
};

// A message outside of topics: in no history and no order but that of its sending.
Result<proto::MessageRef> direct_message(const CommandContext &context, const admin::Args &args) {
    const std::string type = text_of(args["type"]);
    if (type.empty()) return Error{WSE_EINVAL, "type: missing or empty"};
    const auto &limits = context.settings.limits;
    auto publication = proto::make_publication(
        {.topic = "direct",  // which nobody sees
         .type = type,
         .id = args["id"].string().value_or(""),
         .payload = args.text("payload"),
         .priority = args["priority"].integer().value_or(5)},
        {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length},
        context.clock.wall_ms());
    if (!publication) return publication.error();
    return proto::MessageRef(
        new proto::Message({std::move(*publication), {}, 0, context.clock.wall_ms()},
                           {.stamped = false, .slow = proto::Slow::kDropLowest}));
}

Reached send_on_loop(session::Context &loop, const Target &target,
                     const proto::MessageRef &message) {
    const auto frame = net::Frame::text(proto::bare_event(*message));
    Reached reached;
    // Sending may end a session, but it stays in the lists until its connection has gone.
    if (!target.user.empty()) {
        const auto [first, last] = loop.users.equal_range(target.user);
        for (auto at = first; at != last; ++at)
            reached.count(at->second->send_direct(message, frame));
        return reached;
    }
    for (const auto &[serial, session] : loop.sessions) {
        if (target.all ? session->is_open() : session->id() == target.connection)
            reached.count(session->send_direct(message, frame));
    }
    return reached;
}

void send(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const Target target{text_of(args["connection"]), text_of(args["user"]),
                        args["all"].boolean().value_or(false)};
    const int named =
        (target.connection.empty() ? 0 : 1) + (target.user.empty() ? 0 : 1) + (target.all ? 1 : 0);
    if (named != 1) {
        return reply->fail("invalid", "one of connection, user and all says whom to send to");
    }
    auto message = direct_message(context, args);
    if (!message) return reply->fail("invalid", message.error().text);
    gather<Reached>(
        context.loops, context.home,
        [target, message = *message](session::Context &loop) {
            return send_on_loop(loop, target, message);
        },
        [reply, id = (*message)->publication.id,
         connection = target.connection](const std::vector<Reached> &loops) {
            Reached all;
            for (const auto &loop : loops) {
                all.sent += loop.sent;
                all.dropped += loop.dropped;
            }
            if (!connection.empty() && all.sent + all.dropped == 0) {
                return reply->fail("not_found", "no connection has the id '" + connection + "'");
            }
            JsonWriter out;
            out.begin_object().member("id", id).member("sent", all.sent);
            reply->ok(out.member("dropped", all.dropped).end_object().text());
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
