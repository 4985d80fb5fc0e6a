// SPDX-License-Identifier: MIT
// What is done to connections of this host: connections, subscribe, unsubscribe, disconnect, acl.
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "server/api_parts.h"
#include "server/command_parts.h"
#include "server/direct.h"
#include "session/steering.h"

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

// What one of its sessions has done.
struct Told {
    std::string connection;
    int32_t status;
    std::string answer;  // JSON, or empty
};

// One command to all who are meant, and one answer when the last of them has done it. [home]
struct Round final : RefCounted<Round> {
    std::vector<Told> told;
    size_t loops_left = 0;
    int64_t sessions_left = 0;  // below 0 while a loop has not said how many it has
    std::function<void(const std::vector<Told> &)> done;

    void check() {
        if (loops_left == 0 && sessions_left == 0) done(told);
    }
};

// [loop] Returns how many sessions it was.
int64_t steer_on_loop(session::Context &loop, Loop &home, const Whom &whom,
                      const session::Steering &command, const Ref<Round> &round) {
    std::vector<session::Session *> meant;
    each_of(loop, whom.connection, whom.user,
            [&](session::Session &session) { meant.push_back(&session); });
    for (session::Session *const session : meant) {
        session->steer(command,
                       [&home, round, id = session->id()](int32_t status, std::string answer) {
                           home.post([round, told = Told{id, status, std::move(answer)}] {
                               round->told.push_back(told);
                               --round->sessions_left;
                               round->check();
                           });
                       });
    }
    return static_cast<int64_t>(meant.size());
}

void steer_all(Api &api, const Whom &whom, const session::Steering &command,
               std::function<void(const std::vector<Told> &)> done) {
    const auto round = make_ref<Round>();
    round->loops_left = api.context().loops.size();
    round->done = std::move(done);
    for (const auto &one : api.context().loops) {
        one->loop().post(
            [&context = one->context(), &home = api.context().home, whom, command, round] {
                home.post([round, count = steer_on_loop(context, home, whom, command, round)] {
                    --round->loops_left;
                    round->sessions_left += count;
                    round->check();
                });
            });
    }
}

// The failed topics of one answer, as {"connection","topic","reason"}.
void write_refused(JsonWriter &out, const Told &one, size_t &named) {
    const auto answer = JsonDocument::parse(one.answer);
    if (!answer) return;
    for (JsonView topic = answer->root()["failed"].first(); topic; topic = topic.next()) {
        if (++named > kMaxRefused) return;
        out.begin_object().member("connection", one.connection);
        out.member("topic", topic["topic"].string().value_or(""));
        out.member("reason", topic["reason"].string().value_or("")).end_object();
    }
}

bool is_refusal(const Told &one) {
    return one.status != WSE_OK && one.status != WSE_ENOTFOUND;
}

// Who has gone meanwhile is not counted, and what one of several cannot do keeps none from it.
void answer(const Ref<admin::Reply> &reply, const Whom &whom, const std::vector<Told> &told,
            bool tells_refused) {
    size_t connections = 0;
    JsonWriter out, refused;
    refused.begin_array();
    size_t named = 0;
    for (const Told &one : told) {
        connections += one.status == WSE_OK;
        write_refused(refused, one, named);
        if (!is_refusal(one) || !whom.user.empty()) continue;
        const bool is_full = one.status == WSE_EAGAIN;
        return reply->fail(
            is_full ? "unavailable" : "invalid",
            is_full ? "the connection takes no more for now" : "the connection cannot do that");
    }
    if (connections == 0 && whom.user.empty())
        return reply->fail("not_found", "no connection has the id '" + whom.connection + "'");
    out.begin_object().member("connections", connections);
    if (tells_refused) out.key("refused").raw(refused.end_array().text());
    reply->ok(out.end_object().text());
}

void steer(Api &api, const admin::Args &args, const session::Steering &command, bool tells_refused,
           const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    steer_all(api, *whom, command,
              [reply, whom = *whom, tells_refused](const std::vector<Told> &told) {
                  answer(reply, whom, told, tells_refused);
              });
}

std::vector<std::string> texts_of(JsonView list) {
    std::vector<std::string> texts;
    for (JsonView item = list.first(); item; item = item.next()) texts.push_back(text_of(item));
    return texts;
}

// What a client's subscription has beside its topics.
std::string wish_of(const admin::Args &args) {
    JsonWriter out;
    out.begin_object();
    for (const char *name : {"queue_group", "presence", "recover", "recovery", "params"}) {
        if (args[name]) out.key(name).raw(args.text(name));
    }
    return out.end_object().take();
}

Result<std::optional<std::vector<std::string>>> patterns_of(JsonView list,
                                                            const std::string &name) {
    if (!list) return std::optional<std::vector<std::string>>();
    std::vector<std::string> patterns = texts_of(list);
    for (const std::string &pattern : patterns) {
        if (pattern.empty() || pattern.size() > kMaxPatternBytes)
            return Error{WSE_EINVAL, name + ": a pattern has 1 to 256 bytes"};
    }
    return std::optional(std::move(patterns));
}

}  // namespace

void call_subscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    steer(api, args, session::SubscribeTopics{texts_of(args["topics"]), wish_of(args)}, true,
          reply);
}

void call_unsubscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    steer(api, args, session::UnsubscribeTopics{texts_of(args["topics"])}, false, reply);
}

void call_disconnect(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto farewell = read_farewell(args);
    if (!farewell) return reply->fail("invalid", farewell.error().text);
    steer(api, args, session::CloseSession{farewell->code, farewell->reason}, false, reply);
}

void call_acl(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    auto allow = patterns_of(args["allow"], "allow");
    if (!allow) return reply->fail("invalid", allow.error().text);
    auto deny = patterns_of(args["deny"], "deny");
    if (!deny) return reply->fail("invalid", deny.error().text);
    steer(api, args, session::SetTopicLists{{std::move(*allow), std::move(*deny)}}, false, reply);
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
