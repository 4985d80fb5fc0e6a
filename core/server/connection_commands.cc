// SPDX-License-Identifier: MIT
// conn.ls, conn.show, conn.kill
#include <algorithm>
#include <optional>

#include "base/json_writer.h"
#include "proto/codes.h"
#include "server/command_parts.h"
#include "server/gather.h"
#include "session/session.h"

namespace wse::server {
namespace {

using session::SessionRow;
using Rows = std::vector<SessionRow>;

constexpr size_t kDefaultLimit = 1000;

struct Filter {
    std::string user, topic, ip;

    bool admits(const session::Session &session, const SessionRow &row) const {
        return (user.empty() || row.user == user) && (ip.empty() || row.ip == ip) &&
               (topic.empty() || session.is_subscribed(topic));
    }
};

void write_row(JsonWriter &out, const SessionRow &row) {
    out.member("id", row.id).member("user", row.user).member("ip", row.ip);
    out.member("port", row.port).member("listener", row.listener).member("state", row.state);
    out.member("connected_at", format_timestamp(row.connected_ms));
    out.member("subscriptions", row.subscriptions).member("queued_bytes", row.queued_bytes);
    out.member("messages_in", row.messages_in).member("messages_out", row.messages_out);
}

void write_drops(JsonWriter &out, const session::DropCounts &drops) {
    using session::Drop;
    out.key("dropped").begin_object();
    out.member("oldest", drops[Drop::kOldest]).member("lowest", drops[Drop::kLowest]);
    out.member("conflated", drops[Drop::kConflated]).member("age", drops[Drop::kAge]);
    out.member("refused", drops[Drop::kRefused]).end_object();
}

void list_connections(CommandContext &context, const admin::Args &args,
                      const Ref<admin::Reply> &reply) {
    const Filter filter{text_of(args["user"]), text_of(args["topic"]), text_of(args["ip"])};
    const size_t limit = limit_of(args, kDefaultLimit);
    gather<Rows>(
        context.loops, context.home,
        [filter](session::Context &loop) {
            Rows rows;
            for (const auto &[serial, session] : loop.sessions) {
                SessionRow row = session->row();
                if (filter.admits(*session, row)) rows.push_back(std::move(row));
            }
            return rows;
        },
        [reply, limit](std::vector<Rows> answers) {
            Rows all;
            for (auto &rows : answers) std::move(rows.begin(), rows.end(), std::back_inserter(all));
            // Identifiers carry their time, so this is the order of arrival.
            std::sort(all.begin(), all.end(),
                      [](const SessionRow &a, const SessionRow &b) { return a.id < b.id; });
            JsonWriter out;
            out.begin_object().key("connections").begin_array();
            for (size_t i = 0; i < std::min(limit, all.size()); ++i) {
                out.begin_object();
                write_row(out, all[i]);
                out.end_object();
            }
            out.end_array().member("total", all.size()).member("truncated", all.size() > limit);
            reply->ok(out.end_object().text());
        });
}

// Runs `act` on the session of that id, if a loop has it, and answers with what it made.
void with_connection(CommandContext &context, const std::string &id, const Ref<admin::Reply> &reply,
                     const std::function<std::string(session::Session &)> &act) {
    using Made = std::optional<std::string>;
    gather<Made>(
        context.loops, context.home,
        [id, act](session::Context &loop) -> Made {
            for (const auto &[serial, session] : loop.sessions) {
                if (session->id() == id) return act(*session);
            }
            return std::nullopt;
        },
        [id, reply](const std::vector<Made> &answers) {
            for (const auto &made : answers) {
                if (made) return reply->ok(*made);
            }
            reply->fail("not_found", "no connection has the id '" + id + "'");
        });
}

void show_connection(CommandContext &context, const admin::Args &args,
                     const Ref<admin::Reply> &reply) {
    with_connection(context, text_of(args["id"]), reply, [](session::Session &session) {
        const SessionRow row = session.row();
        JsonWriter out;
        out.begin_object();
        write_row(out, row);
        out.key("topics").begin_array();
        for (const auto &topic : session.topics()) out.string(topic);
        out.end_array().member("topics_behind", row.behind);
        write_drops(out, row.dropped);
        out.member("client_version", row.client_version).member("protocol_version", 1);
        out.key("expires_at");
        if (row.expires_ms == 0) {
            out.raw("null");
        } else {
            out.string(format_timestamp(row.expires_ms));
        }
        return out.member("idle_ms", row.idle_ms).end_object().take();
    });
}

void kill_connection(CommandContext &context, const admin::Args &args,
                     const Ref<admin::Reply> &reply) {
    const auto farewell = read_farewell(args);
    if (!farewell) return reply->fail("invalid", farewell.error().text);
    with_connection(
        context, text_of(args["id"]), reply, [end = *farewell](session::Session &session) {
            JsonWriter out;
            out.begin_object().member("id", session.id()).member("code", end.code).end_object();
            session.close(end.code, end.reason);
            return out.take();
        });
}

}  // namespace

Result<Farewell> read_farewell(const admin::Args &args) {
    const int64_t code = args["code"].integer().value_or(proto::close::kKilled);
    const std::string reason = args["reason"] ? text_of(args["reason"]) : "closed by an operator";
    // 1000 and 1001 would keep clients away for good (rule M4), so they are no choice here.
    const bool valid_code = code == 1008 || code == 1011 || code == 1012 || code == 1013 ||
                            (code >= 3000 && code <= 4999);
    if (!valid_code) {
        return Error{WSE_EINVAL, "code: " + std::to_string(code) +
                                     " is not 1008, 1011, 1012, 1013 or 3000 to 4999"};
    }
    if (reason.size() > 123) return Error{WSE_EINVAL, "reason: longer than 123 bytes"};
    return Farewell{static_cast<uint16_t>(code), reason};
}

void add_connection_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "conn.ls", list_connections);
    add(table, context, "conn.show", show_connection);
    add(table, context, "conn.kill", kill_connection);
}

}  // namespace wse::server
