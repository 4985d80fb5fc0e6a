// SPDX-License-Identifier: MIT
// keys, keys.reload
#include "base/json_writer.h"
#include "base/log.h"
#include "server/command_parts.h"

namespace wse::server {
namespace {

void keys(CommandContext &context, const admin::Args & /*args*/, const Ref<admin::Reply> &reply) {
    JsonWriter out;
    out.begin_object().key("keys").begin_array();
    for (const auto &row : context.api_keys.rows()) {
        out.begin_object().member("name", row.name).member("operations", row.requests);
        out.member("limited", row.limited).end_object();
    }
    reply->ok(out.end_array().end_object().text());
}

// Reads a small file on the service loop, as certificates are.
void reload(CommandContext &context, const admin::Args & /*args*/, const Ref<admin::Reply> &reply) {
    const auto count = context.api_keys.reload();
    if (!count) {
        log::error("server", "keys.refused", {{"error", count.error().text}});
        return reply->fail("invalid", count.error().text);
    }
    log::info("server", "keys.reload", {{"keys", *count}});
    JsonWriter out;
    reply->ok(out.begin_object().member("keys", *count).end_object().text());
}

}  // namespace

void add_key_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "keys", keys);
    add(table, context, "keys.reload", reload);
}

}  // namespace wse::server
