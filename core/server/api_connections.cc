// SPDX-License-Identifier: MIT
// What is done to connections of this host: connections, subscribe, unsubscribe, disconnect, acl.
#include <algorithm>

#include "base/json_writer.h"
#include "server/api_parts.h"
#include "server/command_parts.h"
#include "server/direct.h"
#include "server/gather.h"

namespace wse::server {
namespace {

constexpr size_t kMaxRefused = 1000;  // that an answer names
constexpr size_t kMaxPatternBytes = 256;

// One connection, or all of a user.
struct Whom {
    std::string connection, user;
};

Result<Whom> read_whom(const admin::Args &args) {
    Whom whom{text_of(args["connection"]), text_of(args["user"])};
    if (whom.connection.empty() == whom.user.empty())
        return Error{WSE_EINVAL, "connection: one of connection and user says whom it is for"};
    return whom;
}

struct Refused {
    std::string connection, topic, reason;
};

// On one loop.
struct Reached {
    size_t connections = 0;
    std::vector<Refused> refused;
};

void answer(const Ref<admin::Reply> &reply, const Whom &whom, const std::vector<Reached> &loops,
            bool tells_refused) {
    size_t connections = 0;
    JsonWriter refused;
    refused.begin_array();
    size_t named = 0;
    for (const Reached &loop : loops) {
        connections += loop.connections;
        for (const Refused &one : loop.refused) {
            if (++named > kMaxRefused) continue;
            refused.begin_object().member("connection", one.connection);
            refused.member("topic", one.topic).member("reason", one.reason).end_object();
        }
    }
    if (connections == 0 && whom.user.empty())
        return reply->fail("not_found", "no connection has the id '" + whom.connection + "'");
    JsonWriter out;
    out.begin_object().member("connections", connections);
    if (tells_refused) out.key("refused").raw(refused.end_array().text());
    reply->ok(out.end_object().text());
}

// `act` on each loop's sessions; true: it counts.
using Act = std::function<bool(session::Session &, std::vector<Refused> &)>;

void act_on(Api &api, const Whom &whom, const Act &act, bool tells_refused,
            const Ref<admin::Reply> &reply) {
    gather<Reached>(
        api.context().loops, api.context().home,
        [whom, act](session::Context &loop) {
            Reached reached;
            each_of(loop, whom.connection, whom.user, [&](session::Session &session) {
                if (act(session, reached.refused)) ++reached.connections;
            });
            return reached;
        },
        [reply, whom, tells_refused](const std::vector<Reached> &loops) {
            answer(reply, whom, loops, tells_refused);
        });
}

// What the client would send for it.
std::string subscription_update(const admin::Args &args, std::string_view action) {
    JsonWriter out;
    out.begin_object().member("action", action);
    for (const char *name :
         {"topics", "queue_group", "presence", "recover", "recovery", "params"}) {
        if (args[name]) out.key(name).raw(args.text(name));
    }
    return out.end_object().take();
}

void change_subscriptions(Api &api, const admin::Args &args, std::string_view action,
                          const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    const Act act = [payload = subscription_update(args, action)](session::Session &session,
                                                                  std::vector<Refused> &refused) {
        std::vector<proto::FailedTopic> failed;
        const bool done = session.change_subscriptions(payload, failed);
        for (auto &topic : failed)
            refused.push_back({session.id(), std::move(topic.topic), std::move(topic.reason)});
        return done;
    };
    act_on(api, *whom, act, action == "subscribe", reply);
}

Result<std::vector<std::string>> patterns_of(JsonView list, const std::string &name) {
    std::vector<std::string> patterns;
    for (JsonView item = list.first(); item; item = item.next()) {
        patterns.emplace_back(item.string().value_or(""));
        if (patterns.back().empty() || patterns.back().size() > kMaxPatternBytes)
            return Error{WSE_EINVAL, name + ": a pattern has 1 to 256 bytes"};
    }
    return patterns;
}

}  // namespace

void call_subscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    change_subscriptions(api, args, "subscribe", reply);
}

void call_unsubscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    change_subscriptions(api, args, "unsubscribe", reply);
}

void call_disconnect(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    const auto farewell = read_farewell(args);
    if (!farewell) return reply->fail("invalid", farewell.error().text);
    const Act act = [end = *farewell](session::Session &session, std::vector<Refused> &) {
        session.close(end.code, end.reason);
        return true;
    };
    act_on(api, *whom, act, false, reply);
}

void call_acl(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    const auto allow = patterns_of(args["allow"], "allow");
    if (!allow) return reply->fail("invalid", allow.error().text);
    const auto deny = patterns_of(args["deny"], "deny");
    if (!deny) return reply->fail("invalid", deny.error().text);
    const session::TokenTopics acl{
        .has_allow = static_cast<bool>(args["allow"]), .allow = *allow, .deny = *deny};
    const Act act = [acl](session::Session &session, std::vector<Refused> &) {
        return session.set_acl(acl);
    };
    act_on(api, *whom, act, false, reply);
}

void call_connections(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const std::string connection = text_of(args["connection"]);
    if (connection.empty()) return api.run("conn.ls", args, reply);
    JsonWriter out;
    out.begin_object().member("id", connection).end_object();
    const auto document = JsonDocument::parse(out.text());
    const auto done = outcome_reply([reply](const Outcome &outcome) {
        if (!outcome.ok) return reply->fail(outcome.code, outcome.message);
        reply->ok("{\"connections\":[" + outcome.result + "],\"total\":1,\"truncated\":false}");
    });
    api.run("conn.show", admin::Args(document->root(), out.text()), done);
}

}  // namespace wse::server
