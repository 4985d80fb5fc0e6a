// SPDX-License-Identifier: MIT
// What is done to connections of this host: connections, subscribe, unsubscribe, disconnect, acl.
#include "base/json_writer.h"
#include "server/api_parts.h"
#include "server/command_parts.h"
#include "server/direct.h"
#include "session/steering.h"

namespace wse::server {
namespace {

constexpr size_t kMaxResults = 1000;  // that an answer has

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

// What has become of a command to sessions on all loops. [service loop]
class Tally final : public RefCounted<Tally> {
public:
    Tally(size_t loops, Whom whom, bool tells_topics, const Ref<admin::Reply> &reply)
        : loops_left_(loops), whom_(std::move(whom)), tells_topics_(tells_topics), reply_(reply) {}

    // One loop has told so many sessions.
    void on_loop(size_t sessions) {
        --loops_left_;
        expected_ += sessions;
        end_when_all_have_answered();
    }
    void on_session(const std::string &id, int32_t status, const std::string &answer) {
        ++answered_;
        if (status == WSE_OK) ++connections_;
        is_busy_ = is_busy_ || status == WSE_EAGAIN;
        if (status == WSE_OK && tells_topics_ && results_.size() < kMaxResults)
            results_.push_back(with_member(answer, "connection", id));
        end_when_all_have_answered();
    }

private:
    void end_when_all_have_answered() {
        if (loops_left_ > 0 || answered_ < expected_) return;
        if (connections_ == 0 && is_busy_)
            return reply_->fail("unavailable", "too much waits for this connection");
        if (connections_ == 0 && whom_.user.empty())
            return reply_->fail("not_found", "no connection has the id '" + whom_.connection + "'");
        JsonWriter out;
        out.begin_object().member("connections", connections_);
        if (tells_topics_) {
            out.key("results").begin_array();
            for (const std::string &result : results_) out.raw(result);
            out.end_array();
        }
        reply_->ok(out.end_object().text());
    }

    size_t loops_left_;
    const Whom whom_;
    const bool tells_topics_;
    const Ref<admin::Reply> reply_;
    size_t expected_ = 0;
    size_t answered_ = 0;
    size_t connections_ = 0;
    bool is_busy_ = false;
    std::vector<std::string> results_;
};

// [loop] Returns how many sessions are meant.
size_t steer_on_loop(session::Context &loop, Loop &home, const Whom &whom,
                     const session::Steering &command, const Ref<Tally> &tally) {
    size_t sessions = 0;
    each_of(loop, whom.connection, whom.user, [&](session::Session &session) {
        ++sessions;
        session.steer(command,
                      [&home, tally, id = session.id()](int32_t status, std::string answer) {
                          home.post([tally, id, status, answer = std::move(answer)] {
                              tally->on_session(id, status, answer);
                          });
                      });
    });
    return sessions;
}

void steer(Api &api, const Whom &whom, const session::Steering &command,
           const Ref<admin::Reply> &reply) {
    CommandContext &context = api.context();
    const bool tells_topics = std::holds_alternative<session::SubscribeTopics>(command);
    const auto tally = make_ref<Tally>(context.loops.size(), whom, tells_topics, reply);
    for (const auto &one : context.loops) {
        one->loop().post([&loop = one->context(), &home = context.home, whom, command, tally] {
            const size_t sessions = steer_on_loop(loop, home, whom, command, tally);
            home.post([tally, sessions] { tally->on_loop(sessions); });
        });
    }
}

std::vector<std::string> texts_of(JsonView list) {
    std::vector<std::string> texts;
    for (JsonView item = list.first(); item; item = item.next()) texts.push_back(text_of(item));
    return texts;
}

// What a client's own subscription_update has beside its topics.
std::string wish_of(const admin::Args &args) {
    JsonWriter out;
    out.begin_object();
    for (const char *name : {"queue_group", "presence", "recover", "recovery", "params"}) {
        if (args[name]) out.key(name).raw(args.text(name));
    }
    return out.end_object().take();
}

// {"allow","deny"} as given.
std::string lists_of(const admin::Args &args) {
    JsonWriter out;
    out.begin_object();
    for (const char *name : {"allow", "deny"}) {
        if (args[name]) out.key(name).raw(args.text(name));
    }
    return out.end_object().take();
}

}  // namespace

void call_subscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    const uint64_t most = api.context().settings.presence.max_data;
    if (args.text("presence").size() > most)
        return reply->fail("too_large",
                           "presence: over presence.max_data, " + std::to_string(most) + " bytes");
    steer(api, *whom,
          session::SubscribeTopics{.topics = texts_of(args["topics"]), .wish = wish_of(args)},
          reply);
}

void call_unsubscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    steer(api, *whom, session::UnsubscribeTopics{.topics = texts_of(args["topics"])}, reply);
}

void call_disconnect(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    const auto farewell = read_farewell(args);
    if (!farewell) return reply->fail("invalid", farewell.error().text);
    steer(api, *whom, session::CloseSession{.code = farewell->code, .reason = farewell->reason},
          reply);
}

void call_acl(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const auto whom = read_whom(args);
    if (!whom) return reply->fail("invalid", whom.error().text);
    auto lists = session::parse_topic_lists(lists_of(args));
    if (!lists) return reply->fail("invalid", lists.error().text);
    steer(api, *whom, session::SetTopicLists{std::move(*lists)}, reply);
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
