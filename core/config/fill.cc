// SPDX-License-Identifier: MIT
#include "config/fill.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>

#include "config/option.h"
#include "config/schema.h"
#include "config/shape.h"

namespace wse::config {
namespace {

uint32_t loops_of(int64_t wanted) {
    constexpr unsigned kMaxLoops = 64;
    if (wanted > 0) return static_cast<uint32_t>(wanted);
    return std::clamp(std::thread::hardware_concurrency(), 1u, kMaxLoops);
}

std::string text_of(const char *text) {
    return text ? text : "";
}

std::vector<std::string> list_of(const wse_strings &strings) {
    return {strings.items, strings.items + strings.count};
}

bool has(const std::vector<std::string> &list, const char *word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::pair<std::string, std::string>> pairs_of(const wse_pairs &pairs) {
    std::vector<std::pair<std::string, std::string>> list;
    for (uint64_t i = 0; i < pairs.count; ++i)
        list.emplace_back(pairs.items[i].key, pairs.items[i].value);
    return list;
}

uint64_t number_of(int64_t value) {
    return static_cast<uint64_t>(value);
}

std::optional<TopicHistory> history_of(const Value &row, const TopicHistoryOptions &options) {
    if (!row.find_table("history")) return std::nullopt;
    return TopicHistory{.messages = number_of(options.messages),
                        .age_ms = number_of(options.age),
                        .bytes = number_of(options.size)};
}

std::optional<ListenTls> tls_of(const Value &listen, const ListenTlsOptions &options) {
    if (!listen.find_table("tls")) return std::nullopt;
    return ListenTls{
        .certificates = list_of(options.certificate),
        .keys = list_of(options.key),
        .client_ca = text_of(options.client_ca),
        .client_certificate = static_cast<ClientCertificate>(options.client_certificate)};
}

class Filler {
public:
    Filler(Document &document, Diagnostics &diagnostics)
        : document_(document), binder_(document, arena_, diagnostics) {}

    void run() {
        fill_server();
        fill_log();
        fill_listeners();
        fill_http();
        fill_limits();
        fill_keepalive();
        fill_history();
        fill_presence();
        fill_events();
        fill_app();
        fill_cluster();
        fill_dev();
        fill_modules();
        fill_topics();
    }

private:
    template <class Options>
    Options bind(const char *name, const Instance &instance, bool open = false) {
        const Section &described = section(name);
        Options options{};
        Place place = place_of(described, instance);
        place.open = open;
        binder_.bind(place, described.table, &options);
        return options;
    }

    std::vector<Instance> all(const char *name) { return instances_of(document_, section(name)); }

    void fill_server() {
        const auto options = bind<ServerOptions>("server", all("server").front());
        document_.settings.server = {.loops = loops_of(options.loops),
                                     .user = text_of(options.user),
                                     .runtime_dir = text_of(options.runtime_dir),
                                     .state_dir = text_of(options.state_dir),
                                     .supervisor = options.supervisor != 0};
    }

    void fill_log() {
        const auto options = bind<LogOptions>("log", all("log").front());
        const OptionTable &table = section("log").table;
        document_.settings.log = {
            .level = words_of(table.rows[0])[static_cast<size_t>(options.level)],
            .format = words_of(table.rows[1])[static_cast<size_t>(options.format)],
            .file = text_of(options.file)};
    }

    void fill_listeners() {
        for (const Instance &instance : all("listen")) {
            const auto options = bind<ListenOptions>("listen", instance);
            document_.settings.listeners.push_back(
                {.name = instance.name,
                 .address = text_of(options.address),
                 .path = text_of(options.path),
                 .origins = list_of(options.origins),
                 .fallback = text_of(options.fallback),
                 .auth = text_of(options.auth),
                 .anonymous = options.anonymous != 0,
                 .token_cookie = text_of(options.token_cookie),
                 .token_query = options.token_query != 0,
                 .debug_messages = options.debug_messages != 0,
                 .subscribe = list_of(options.subscribe),
                 .signed_types = list_of(options.signed_types),
                 .extension = text_of(options.extension),
                 .tls = tls_of(*instance.table, options.tls),
                 .proxy_protocol = options.proxy_protocol != 0,
                 .trusted_proxies = list_of(options.trusted_proxies),
                 .app = list_of(options.app)});
            document_.listen_at.push_back(instance.at);
        }
    }

    void fill_http() {
        const auto options = bind<HttpOptions>("http", all("http").front());
        document_.settings.http = {.address = text_of(options.address),
                                   .public_api = options.public_api != 0,
                                   .open_metrics = options.open_metrics != 0,
                                   .keys = pairs_of(options.keys),
                                   .key_file = text_of(options.key_file),
                                   .max_body = number_of(options.max_body),
                                   .max_connections = number_of(options.max_connections),
                                   .request_timeout_ms = number_of(options.request_timeout),
                                   .rate_capacity = number_of(options.rate_capacity),
                                   .rate_refill = number_of(options.rate_refill)};
    }

    void fill_limits() {
        const auto options = bind<LimitsOptions>("limits", all("limits").front());
        document_.settings.limits = {
            .max_connections = number_of(options.max_connections),
            .max_connections_per_ip = number_of(options.max_connections_per_ip),
            .max_message_size = number_of(options.max_message_size),
            .max_publish_size = number_of(options.max_publish_size),
            .max_outbound = number_of(options.max_outbound),
            .max_outbound_age_ms = number_of(options.max_outbound_age),
            .max_header_size = number_of(options.max_header_size),
            .max_headers = number_of(options.max_headers),
            .max_pending_handshakes = number_of(options.max_pending_handshakes),
            .max_relays = number_of(options.max_relays),
            .max_subscriptions = number_of(options.max_subscriptions),
            .max_topics_per_request = number_of(options.max_topics_per_request),
            .max_topic_length = number_of(options.max_topic_length),
            .max_topics = number_of(options.max_topics),
            .dedup_ids = number_of(options.dedup_ids),
            .dedup_age_ms = number_of(options.dedup_age),
            .rate_capacity = number_of(options.rate_capacity),
            .rate_refill = number_of(options.rate_refill),
            .rate_capacity_per_user = number_of(options.rate_capacity_per_user),
            .rate_refill_per_user = number_of(options.rate_refill_per_user),
            .rate_capacity_per_ip = number_of(options.rate_capacity_per_ip),
            .rate_refill_per_ip = number_of(options.rate_refill_per_ip),
            .ping_rate = number_of(options.ping_rate),
            .revocations = number_of(options.revocations),
            .revocation_age_ms = number_of(options.revocation_age),
            .handshake_timeout_ms = number_of(options.handshake_timeout),
            .relay_timeout_ms = number_of(options.relay_timeout),
            .relay_keepalive_ms = number_of(options.relay_keepalive),
            .auth_timeout_ms = number_of(options.auth_timeout),
            .snapshot_timeout_ms = number_of(options.snapshot_timeout),
            .ask_timeout_ms = number_of(options.ask_timeout),
            .ask_pending = number_of(options.ask_pending),
            .module_call_budget_ms = number_of(options.module_call_budget),
            .close_timeout_ms = number_of(options.close_timeout)};
    }

    void fill_keepalive() {
        const auto options = bind<KeepaliveOptions>("keepalive", all("keepalive").front());
        document_.settings.keepalive = {
            .heartbeat_interval_ms = number_of(options.heartbeat_interval),
            .idle_timeout_ms = number_of(options.idle_timeout)};
    }

    void fill_history() {
        const auto options = bind<HistoryOptions>("history", all("history").front());
        const std::string path = text_of(options.path);
        const std::filesystem::path state_dir = document_.settings.server.state_dir;
        document_.settings.history = {
            .path = path.empty() ? std::string() : (state_dir / path).string(),
            .file_size = number_of(options.file_size),
            .max_memory = number_of(options.max_memory)};
    }

    void fill_presence() {
        const auto options = bind<PresenceOptions>("presence", all("presence").front());
        document_.settings.presence = {.grace_ms = number_of(options.grace),
                                       .max_data = number_of(options.max_data),
                                       .max_members = number_of(options.max_members)};
    }

    void fill_events() {
        const auto options = bind<EventsOptions>("events", all("events").front());
        document_.settings.events.on_failure = static_cast<OnFailure>(options.on_failure);
    }

    void fill_app() {
        const auto options = bind<AppOptions>("app", all("app").front());
        document_.settings.app = {.queue_messages = number_of(options.queue_messages),
                                  .queue_bytes = number_of(options.queue_bytes),
                                  .max_bytes = number_of(options.max_bytes),
                                  .batch = number_of(options.batch)};
    }

    void fill_cluster() {
        const auto options = bind<ClusterOptions>("cluster", all("cluster").front());
        document_.settings.cluster = {.publish_timeout_ms = number_of(options.publish_timeout),
                                      .subscribe_wait_ms = number_of(options.subscribe_wait),
                                      .when_deaf = static_cast<WhenDeaf>(options.when_deaf),
                                      .deaf_after_ms = number_of(options.deaf_after)};
    }

    void fill_dev() {
        const auto options = bind<DevOptions>("dev", all("dev").front());
        document_.settings.dev = {.echo = text_of(options.echo)};
    }

    // The module's own keys are bound when its table is known, by bind_module.
    void fill_modules() {
        for (const Instance &instance : all("module")) {
            const auto options = bind<ModuleOptions>("module", instance, true);
            const std::string file = options.load ? options.load : instance.name + ".so";
            const bool resident = file.starts_with("program:");
            const std::filesystem::path path =
                resident ? std::filesystem::path(file)
                         : std::filesystem::path(document_.module_dir) / file;
            document_.settings.modules.push_back({instance.name, path.string()});
            document_.module_at.push_back(instance.at);
            const Member *const load = instance.table->find(kLoadKey);
            document_.load_at.push_back(load ? load->value.at : instance.at);
        }
    }

    void fill_topics() {
        for (const Instance &instance : all("topic")) {
            const auto options = bind<TopicOptions>("topic", instance);
            const std::string ask = text_of(options.ask);
            const std::vector<std::string> ask_for = list_of(options.ask_for);
            document_.settings.topics.push_back(
                {.match = text_of(options.match),
                 .subscribe = options.subscribe != 0,
                 .publish = options.publish != 0,
                 .history = history_of(*instance.table, options.history),
                 .presence = options.presence != 0,
                 .slow = static_cast<Slow>(options.slow),
                 .retain = static_cast<Retain>(options.retain),
                 .key = text_of(options.key),
                 .snapshot = text_of(options.snapshot),
                 .scope = static_cast<Scope>(options.scope),
                 .ask = ask,
                 .ask_subscribe = !ask.empty() && has(ask_for, "subscribe"),
                 .ask_publish = !ask.empty() && has(ask_for, "publish")});
            const Member *const snapshot = instance.table->find("snapshot");
            document_.snapshot_at.push_back(snapshot ? snapshot->value.at : instance.at);
        }
    }

    Document &document_;
    Arena arena_;
    Binder binder_;
};

}  // namespace

void fill_settings(Document &document, Diagnostics &diagnostics) {
    check_shapes(document, diagnostics);
    Filler(document, diagnostics).run();
}

}  // namespace wse::config
