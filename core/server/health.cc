// SPDX-License-Identifier: MIT
#include "server/health.h"

#include "admin/http_pages.h"
#include "base/json_writer.h"
#include "server/command_parts.h"

namespace wse::server {
namespace {

struct Check {
    const char *name;
    bool ok;
    std::string detail;
};

std::vector<Check> checks_of(const CommandContext &context, const Vitals &vitals) {
    const bool wants_file = context.history != HistoryUse::kMemory;
    const bool written = vitals.hub.has_journal && vitals.hub.journal_writing;
    const auto count = std::to_string(context.loops.size());
    return {
        {"loops", true, count + " connection loops answer"},
        {"hub", true, "answers"},
        {"draining", !vitals.draining, vitals.draining ? "sends its clients away" : "no"},
        {"cluster", context.readiness.ready(),
         !context.cluster            ? "this host is alone"
         : context.readiness.ready() ? "messages pass"
                                     : context.readiness.reason()},
        // Told and not judged: clients are served from memory.
        {"history", true,
         !wants_file ? "kept in memory"
         : written   ? "written to its file"
                     : "cannot be written: it would not outlive the process"},
    };
}

std::string verbose_json(bool ready, const std::vector<Check> &checks) {
    JsonWriter out;
    out.begin_object().member("ready", ready).key("checks").begin_array();
    for (const Check &check : checks) {
        out.begin_object().member("name", check.name).member("ok", check.ok);
        out.member("detail", check.detail).end_object();
    }
    return out.end_array().end_object().take() + '\n';
}

class Metrics {
public:
    void gauge(const std::string &name, std::string_view help, uint64_t value) {
        head(name, help, "gauge");
        text_ += name + ' ' + std::to_string(value) + '\n';
    }
    void counter(const std::string &name, std::string_view help, uint64_t value) {
        head(name, help, "counter");
        text_ += name + ' ' + std::to_string(value) + '\n';
    }
    void head(const std::string &name, std::string_view help, const char *type) {
        text_ += "# HELP " + name + ' ' + std::string(help) + '\n';
        text_ += "# TYPE " + name + ' ' + type + '\n';
    }
    void add(const std::string &line) { text_ += line + '\n'; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

void write_gauges(Metrics &out, const CommandContext &context, const Vitals &vitals) {
    const uint64_t now = context.clock.wall_ms();
    const uint64_t closed = sum(context, Counter::connections_closed);
    out.gauge("wse_connections", "connections that are open",
              sum(context, Counter::connections_accepted) - closed);
    out.gauge("wse_sessions", "sessions that are open", vitals.sessions);
    out.gauge("wse_topics", "topics that are known", vitals.hub.topics);
    out.gauge("wse_patterns", "patterns with subscribers", vitals.hub.patterns);
    out.gauge("wse_presence_topics", "topics on which somebody is present",
              vitals.hub.presence_topics);
    out.gauge("wse_recovery_bytes", "memory of all histories", vitals.hub.history_bytes);
    out.gauge("wse_uptime_seconds", "seconds since the start",
              now > context.started_ms ? (now - context.started_ms) / 1000 : 0);
    out.gauge("wse_ready", "1: clients should be sent here",
              context.readiness.ready() && !vitals.draining ? 1 : 0);
    if (context.cluster)
        out.gauge("wse_cluster_connected", "1: messages of other hosts pass",
                  context.readiness.ready() ? 1 : 0);
}

// Under the names that other servers of the protocol have for them.
void write_known(Metrics &out, const CommandContext &context) {
    out.counter("wse_connections_rejected_total", "connections refused by a limit",
                sum(context, Counter::connections_refused_limit));
    uint64_t slow = sum(context, Counter::slow_closed);
    for (const Counter dropped :
         {Counter::dropped_oldest, Counter::dropped_lowest, Counter::dropped_conflated,
          Counter::dropped_age, Counter::dropped_refused})
        slow += sum(context, dropped);
    out.counter("wse_slow_consumer_drops_total",
                "messages dropped and connections closed because a client did not read", slow);
    if (!context.cluster) return;
    out.counter("wse_cluster_messages_sent_total", "publishes that the cluster gave a place",
                sum(context, Counter::cluster_published));
    out.counter("wse_cluster_messages_delivered_total", "messages taken in from the cluster",
                sum(context, Counter::cluster_received));
    out.counter("wse_cluster_messages_dropped_total", "publishes and messages that were lost",
                sum(context, Counter::cluster_refused) + sum(context, Counter::cluster_lost));
}

void write_modules(Metrics &out, const CommandContext &context) {
    const auto rows = context.modules.stats();
    if (rows.empty()) return;
    out.head("wse_module_counter", "what a module counts, see its page", "untyped");
    for (const auto &module : context.modules.rows()) {
        const std::string prefix = module.name + '.';
        for (const auto &row : rows) {
            if (!row.name.starts_with(prefix)) continue;
            out.add("wse_module_counter{module=\"" + module.name + "\",counter=\"" +
                    row.name.substr(prefix.size()) + "\"} " + std::to_string(row.value));
        }
    }
}

std::string metrics_text(const CommandContext &context, const Vitals &vitals) {
    Metrics out;
    write_gauges(out, context, vitals);
    for (size_t i = 0; i < kCounterCount; ++i)
        out.counter("wse_" + std::string(kCounterTable[i].name) + "_total", kCounterTable[i].help,
                    sum(context, static_cast<Counter>(i)));
    write_known(out, context);
    write_modules(out, context);
    return out.take();
}

}  // namespace

void answer_readiness(CommandContext &context, bool verbose, const AnswerDone &done) {
    take_vitals(context, [&context, verbose, done](const Vitals &vitals) {
        const bool ready = context.readiness.ready() && !vitals.draining;
        const int status = ready ? 200 : 503;
        if (verbose) {
            admin::HttpAnswer answer = admin::text_page(status, "");
            answer.type = "application/json";
            answer.body = verbose_json(ready, checks_of(context, vitals));
            return done(std::move(answer));
        }
        done(admin::text_page(status, ready             ? "ok"
                                      : vitals.draining ? "draining"
                                                        : context.readiness.reason()));
    });
}

void answer_metrics(CommandContext &context, const AnswerDone &done) {
    take_vitals(context, [&context, done](const Vitals &vitals) {
        admin::HttpAnswer answer = admin::text_page(200, "");
        answer.type = "text/plain; version=0.0.4; charset=utf-8";
        answer.body = metrics_text(context, vitals);
        done(std::move(answer));
    });
}

}  // namespace wse::server
