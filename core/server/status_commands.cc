// SPDX-License-Identifier: MIT
// status, modules, stats
#include <unistd.h>

#include <numeric>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/version.h"
#include "server/command_parts.h"
#include "server/gather.h"
#include "server/unused_modules.h"

namespace wse::server {
namespace {

void write_listeners(JsonWriter &out, const CommandContext &context) {
    out.key("listeners").begin_array();
    for (size_t i = 0; i < context.settings.listeners.size(); ++i) {
        const auto &listener = context.settings.listeners[i];
        out.begin_object().member("name", listener.name);
        out.member("address", context.addresses[i]).member("path", listener.path).end_object();
    }
    out.end_array();
}

void write_history(JsonWriter &out, const CommandContext &context, const hub::HubState &hub) {
    const bool wants_file = context.history != HistoryUse::kMemory;
    const bool written = hub.has_journal && hub.journal_writing;
    out.key("history").begin_object().member("bytes", hub.history_bytes);
    out.member("evicted", hub.history_evicted);
    out.member("file", !wants_file ? "none" : written ? "writing" : "failing").end_object();
    // What keeps the server from being what the configuration asks for.
    out.key("notes").begin_array();
    if (wants_file && !written) {
        out.begin_object().member("code", "history_memory_only");
        out.member("text", "the history cannot be written to " + context.settings.history.path +
                               ": it would not survive the end of this process")
            .end_object();
    }
    out.end_array();
}

// What each application has not taken yet.
void write_applications(JsonWriter &out, const CommandContext &context) {
    out.key("applications").begin_array();
    if (context.applications) {
        for (const auto &row : context.applications->rows()) {
            out.begin_object().member("name", row.name).member("queued", row.events);
            out.member("queued_bytes", row.bytes).member("away", row.is_away).end_object();
        }
    }
    out.end_array();
}

// Whether clients should be sent here, and why not.
void write_ready(JsonWriter &out, const CommandContext &context, bool draining) {
    out.member("ready", context.readiness.ready() && !draining).key("unready");
    if (!context.readiness.ready()) {
        out.string(context.readiness.reason());
    } else if (draining) {
        out.string("draining");
    } else {
        out.raw("null");
    }
}

std::string status_json(const CommandContext &context, const Vitals &vitals) {
    const hub::HubState &hub = vitals.hub;
    const uint64_t now = context.clock.wall_ms();
    JsonWriter out;
    out.begin_object().member("version", kVersion).member("pid", getpid());
    out.member("started_at", format_timestamp(context.started_ms));
    out.member("uptime_ms", now > context.started_ms ? now - context.started_ms : 0);
    out.member("loops", context.loops.size());
    // In this order: what is closed in between was accepted before.
    const uint64_t closed = sum(context, Counter::connections_closed);
    out.member("connections", sum(context, Counter::connections_accepted) - closed);
    out.member("sessions", vitals.sessions).member("topics", hub.topics);
    out.member("patterns", hub.patterns);
    out.member("published", sum(context, Counter::published));
    out.member("deliveries", sum(context, Counter::deliveries));
    write_history(out, context, hub);
    write_listeners(out, context);
    out.key("modules").begin_array();
    for (const auto &module : context.modules.rows()) out.string(module.name);
    out.end_array();
    write_applications(out, context);
    out.key("config").begin_object().member("path", context.config_path).end_object();
    out.key("http");
    context.http_address.empty() ? out.raw("null") : out.string(context.http_address);
    out.member("draining", vitals.draining);
    write_ready(out, context, vitals.draining);
    return out.end_object().take();
}

struct LoopState {
    size_t sessions = 0;
    bool draining = false;
};

void status(CommandContext &context, const admin::Args & /*args*/, const Ref<admin::Reply> &reply) {
    take_vitals(context, [&context, reply](const Vitals &vitals) {
        reply->ok(status_json(context, vitals));
    });
}

// `unused`: why nothing uses it, or null.
void write_unused(JsonWriter &out, const CommandContext &context, const std::string &name) {
    out.key("unused");
    for (const module::Instance *instance : context.modules.all()) {
        if (instance->name() != name) continue;
        const std::string reason = unused_because(context.settings, context.modules, *instance);
        if (!reason.empty()) return static_cast<void>(out.string(reason));
    }
    out.raw("null");
}

void modules(CommandContext &context, const admin::Args & /*args*/,
             const Ref<admin::Reply> &reply) {
    JsonWriter out;
    out.begin_object().key("modules").begin_array();
    for (const auto &row : context.modules.rows()) {
        out.begin_object().member("name", row.name).member("kind", row.kind);
        out.member("module", row.module).member("version", row.version).member("path", row.path);
        out.member("state", "running").member("tokens_outstanding", row.tokens_outstanding);
        out.member("oldest_token_ms", row.tokens_oldest_ms);
        out.member("slow_calls", row.slow_calls).member("slowest_ms", row.slowest_ms);
        out.key("loops").begin_array();
        for (const auto &loop : row.loops) out.string(loop);
        out.end_array();
        write_unused(out, context, row.name);
        out.end_object();
    }
    reply->ok(out.end_array().end_object().text());
}

// A counter up to its value; what each loop has of it follows.
JsonWriter &begin_counter(JsonWriter &out, std::string_view name, std::string_view help,
                          int64_t value) {
    return out.begin_object().member("name", name).member("help", help).member("value", value);
}

// One of the server's own, of the loops and of the hub's thread.
void write_counter(JsonWriter &out, const CommandContext &context, Counter counter) {
    const CounterRow &row = kCounterTable[static_cast<size_t>(counter)];
    begin_counter(out, row.name, row.help, static_cast<int64_t>(sum(context, counter)));
    out.key("loops").begin_object();
    // The log counts for the whole process.
    if (counter != Counter::log_lines_dropped) {
        for (const auto &[name, counters] : context.counters)
            out.member(name, counters->read(counter));
    }
    out.end_object().end_object();
}

// One of a module: of the loops it runs on, and of all other threads together.
void write_counter(JsonWriter &out, const module::ModuleRow &module, const module::StatRow &row) {
    begin_counter(out, row.name.substr(module.name.size() + 1), row.help, row.value);
    out.key("loops").begin_object();
    for (size_t i = 0; i < row.by_loop.size(); ++i)
        out.member(i < module.loops.size() ? module.loops[i] : "other", row.by_loop[i]);
    out.end_object().end_object();
}

void stats(CommandContext &context, const admin::Args & /*args*/, const Ref<admin::Reply> &reply) {
    JsonWriter out;
    out.begin_object().key("counters").begin_array();
    for (size_t i = 0; i < kCounterCount; ++i) write_counter(out, context, static_cast<Counter>(i));
    out.end_array().key("modules").begin_array();
    const auto rows = context.modules.stats();
    for (const auto &module : context.modules.rows()) {
        out.begin_object().member("name", module.name).key("counters").begin_array();
        const std::string prefix = module.name + ".";
        for (const auto &row : rows) {
            if (row.name.starts_with(prefix)) write_counter(out, module, row);
        }
        out.end_array().end_object();
    }
    reply->ok(out.end_array().end_object().text());
}

}  // namespace

uint64_t sum(const CommandContext &context, Counter counter) {
    if (counter == Counter::log_lines_dropped) return log::dropped();
    return std::accumulate(context.counters.begin(), context.counters.end(), uint64_t{0},
                           [counter](uint64_t total, const LoopCounters &one) {
                               return total + one.counters->read(counter);
                           });
}

void take_vitals(CommandContext &context, std::function<void(const Vitals &)> done) {
    gather<LoopState>(
        context.loops, context.home,
        [](session::Context &loop) {
            return LoopState{loop.sessions.size(), loop.draining};
        },
        [&context, done = std::move(done)](const std::vector<LoopState> &loops) {
            Vitals vitals;
            for (const auto &loop : loops) {
                vitals.sessions += loop.sessions;
                vitals.draining = vitals.draining || loop.draining;
            }
            context.hub.ask([&context, done, vitals](const hub::Hub &hub) mutable {
                vitals.hub = hub.state();
                context.home.post([done, vitals] { done(vitals); });
            });
        });
}

void add_status_commands(CommandContext &context, admin::CommandTable &table) {
    add(table, context, "status", status);
    add(table, context, "modules", modules);
    add(table, context, "stats", stats);
}

admin::CommandTable make_commands(CommandContext &context) {
    admin::CommandTable table;
    add_status_commands(context, table);
    add_backplane_commands(context, table);
    add_topic_commands(context, table);
    add_connection_commands(context, table);
    add_direct_commands(context, table);
    add_revocation_commands(context, table);
    add_certificate_commands(context, table);
    add_key_commands(context, table);
    return table;
}

}  // namespace wse::server
