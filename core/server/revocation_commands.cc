// SPDX-License-Identifier: MIT
// revoke, revocations
#include <numeric>

#include "base/json_writer.h"
#include "base/log.h"
#include "server/command_parts.h"
#include "server/gather.h"
#include "server/revocation_file.h"
#include "session/session.h"
#include "session/shared.h"

namespace wse::server {
namespace {

using session::Revocation;

constexpr size_t kDefaultLimit = 1000;
constexpr size_t kMaxNameBytes = 1024;

void write_revocation(JsonWriter &out, const Revocation &revocation) {
    if (revocation.token.empty()) {
        out.member("user", revocation.user);
        out.member("issued_before", format_timestamp(revocation.issued_before_ms));
    } else {
        out.member("token", revocation.token);
    }
    out.member("revoked_at", format_timestamp(revocation.made_ms));
}

Result<Revocation> read_revocation(const admin::Args &args, uint64_t now) {
    Revocation revocation{.user = text_of(args["user"]),
                          .token = text_of(args["token"]),
                          .issued_before_ms = 0,
                          .made_ms = now};
    if (revocation.user.empty() == revocation.token.empty())
        return Error{WSE_EINVAL, "one of user and token says what to revoke"};
    if (std::max(revocation.user.size(), revocation.token.size()) > kMaxNameBytes)
        return Error{WSE_EINVAL, "user or token: longer than 1024 bytes"};
    if (revocation.user.empty() && args["issued_before"])
        return Error{WSE_EINVAL, "issued_before: only of a user's tokens"};
    if (revocation.user.empty()) return revocation;
    const auto moment =
        args["issued_before"] ? parse_timestamp(text_of(args["issued_before"])) : now;
    if (!moment) return Error{WSE_EINVAL, "issued_before: not a time like 2026-01-02T03:04:05Z"};
    if (*moment > now) return Error{WSE_EINVAL, "issued_before: has not come yet"};
    revocation.issued_before_ms = *moment;
    return revocation;
}

// Those of a user are found by his name; an identifier may be anybody's.
size_t close_on_loop(session::Context &loop, const Revocation &revocation) {
    std::vector<session::Session *> concerned;
    if (revocation.token.empty()) {
        const auto [first, last] = loop.users.equal_range(revocation.user);
        for (auto at = first; at != last; ++at) concerned.push_back(at->second);
    } else {
        for (const auto &[serial, session] : loop.sessions) concerned.push_back(session);
    }
    size_t closed = 0;
    for (session::Session *one : concerned) closed += one->close_revoked(revocation) ? 1 : 0;
    return closed;
}

void revoke(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const uint64_t now = context.clock.wall_ms();
    const auto revocation = read_revocation(args, now);
    if (!revocation) return reply->fail("invalid", revocation.error().text);
    session::Revocations &all = context.shared.revocations;
    if (auto added = all.add(*revocation, now); !added)
        return reply->fail("unavailable", added.error().text);
    // It counts from here on, also when the disk refuses it: the other way round would keep the
    // intruder.
    const auto stored = context.revocation_file.append(*revocation, all, now);
    if (!stored) log::error("server", "revocations.not_stored", {{"error", stored.error().text}});
    log::info("server", "revocations.added",
              {{"kind", revocation->token.empty() ? "user" : "token"}, {"user", revocation->user}});
    gather<size_t>(
        context.loops, context.home,
        [revocation = *revocation](session::Context &loop) {
            return close_on_loop(loop, revocation);
        },
        [reply, revocation = *revocation,
         is_stored = stored.ok()](const std::vector<size_t> &loops) {
            JsonWriter out;
            out.begin_object();
            write_revocation(out, revocation);
            out.member("closed", std::accumulate(loops.begin(), loops.end(), size_t{0}));
            reply->ok(out.member("stored", is_stored).end_object().text());
        });
}

void revocations(CommandContext &context, const admin::Args &args, const Ref<admin::Reply> &reply) {
    const size_t limit = limit_of(args, kDefaultLimit);
    const auto all = context.shared.revocations.list(context.clock.wall_ms());
    const uint64_t age = context.shared.revocations.age_ms();
    JsonWriter out;
    out.begin_object().key("revocations").begin_array();
    for (size_t i = 0; i < std::min(limit, all.size()); ++i) {
        out.begin_object();
        write_revocation(out, all[i]);
        out.member("until", format_timestamp(all[i].made_ms + age)).end_object();
    }
    out.end_array().member("total", all.size()).member("truncated", all.size() > limit);
    reply->ok(out.end_object().text());
}

}  // namespace

void add_revocation_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "revoke", revoke);
    add(table, context, "revocations", revocations);
}

}  // namespace wse::server
