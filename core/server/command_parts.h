// SPDX-License-Identifier: MIT
// What the files of commands share.
#pragma once

#include <algorithm>
#include <string>

#include "server/commands.h"

namespace wse::server {

using CommandFunction = void (*)(CommandContext &, const admin::Args &, const Ref<admin::Reply> &);

inline void add(admin::CommandTable &table, CommandContext &context, const char *name,
                CommandFunction function) {
    table.push_back(
        {name, [&context, function](const admin::Args &args, const Ref<admin::Reply> &reply) {
             function(context, args, reply);
         }});
}

inline std::string text_of(JsonView value) {
    return std::string(value.string().value_or(""));
}

// The `limit` argument, 1 to 100,000.
inline size_t limit_of(const admin::Args &args, size_t fallback) {
    const int64_t limit = args["limit"].integer().value_or(static_cast<int64_t>(fallback));
    return static_cast<size_t>(std::clamp<int64_t>(limit, 1, 100'000));
}

// How things are on all loops and at the hub.
struct Vitals {
    size_t sessions = 0;
    bool draining = false;
    hub::HubState hub;
};
// `done` comes on the service loop once all have answered.
void take_vitals(CommandContext &context, std::function<void(const Vitals &)> done);

// A counter over all loops.
uint64_t sum(const CommandContext &context, Counter counter);

// With what a connection is closed: the arguments `code` and `reason`.
struct Farewell {
    uint16_t code;
    std::string reason;
};
Result<Farewell> read_farewell(const admin::Args &args);

void add_backplane_commands(CommandContext &context, admin::CommandTable &table);
void add_certificate_commands(CommandContext &context, admin::CommandTable &table);
void add_connection_commands(CommandContext &context, admin::CommandTable &table);
void add_topic_commands(CommandContext &context, admin::CommandTable &table);
void add_key_commands(CommandContext &context, admin::CommandTable &table);
void add_direct_commands(CommandContext &context, admin::CommandTable &table);
void add_revocation_commands(CommandContext &context, admin::CommandTable &table);
void add_status_commands(CommandContext &context, admin::CommandTable &table);

}  // namespace wse::server
