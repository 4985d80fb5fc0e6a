// SPDX-License-Identifier: MIT
// certificates, certificates.reload
#include "base/json_writer.h"
#include "base/log.h"
#include "server/command_parts.h"

namespace wse::server {
namespace {

void certificates(CommandContext &context, const admin::Args & /*args*/,
                  const Ref<admin::Reply> &reply) {
    JsonWriter out;
    out.begin_object().key("certificates").begin_array();
    for (const auto &listener : context.certificates.rows()) {
        for (const auto &row : listener.certificates) {
            out.begin_object().member("listener", listener.name).member("file", row.file);
            out.key("names").begin_array();
            for (const std::string &name : row.names) out.string(name);
            out.end_array().member("expires_at", format_timestamp(row.expires_ms));
            out.member("serial", row.serial).end_object();
        }
    }
    reply->ok(out.end_array().end_object().text());
}

// Reads a few small files on the service loop, which has no clients to keep waiting.
void reload(CommandContext &context, const admin::Args & /*args*/, const Ref<admin::Reply> &reply) {
    const auto reloaded = context.certificates.reload();
    if (!reloaded) {
        log::error("server", "certificates.refused", {{"error", reloaded.error().text}});
        return reply->fail("invalid", reloaded.error().text);
    }
    log::info("server", "certificates.reload", {{"certificates", reloaded->certificates}});
    JsonWriter out;
    out.begin_object().member("certificates", reloaded->certificates);
    out.key("warnings").begin_array();
    for (const std::string &warning : reloaded->warnings) out.string(warning);
    reply->ok(out.end_array().end_object().text());
}

}  // namespace

void add_certificate_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "certificates", certificates);
    add(table, context, "certificates.reload", reload);
}

}  // namespace wse::server
