// SPDX-License-Identifier: MIT
// The core's own sections as option tables: what the binder reads, -T prints and wse.toml(5) lists.
// The structs are what the tables fill; settings.cc turns them into settings.h's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "config/bind.h"

namespace wse::config {

enum class Shape : uint8_t {
    kSingle,  // [log]
    kNamed,   // [listen.NAME]
    kRows,    // [[topic]]
};

struct Section {
    const char *name;
    Shape shape;
    OptionTable table;
    const char *help;

    // "[log]", "[listen.NAME]", "[[topic]]".
    std::string header(std::string_view instance = "NAME") const;
};

// In the order in which they are printed.
std::span<const Section> sections();
const Section &section(std::string_view name);

inline constexpr const char *kLoadKey = "load";  // the core's own key in [module.NAME]

struct ServerOptions {
    int64_t loops;  // 0: auto
    const char *user;
    const char *runtime_dir;
    const char *state_dir;
    int32_t supervisor;
};

struct LogOptions {
    int32_t level;
    int32_t format;
    const char *file;
};

struct ListenTlsOptions {
    wse_strings certificate;
    wse_strings key;
    const char *client_ca;
    int32_t client_certificate;  // a config::ClientCertificate
};

struct ListenOptions {
    const char *address;
    const char *path;
    wse_strings origins;
    const char *fallback;
    const char *auth;
    int32_t anonymous;
    const char *token_cookie;
    int32_t token_query;
    int32_t debug_messages;
    wse_strings subscribe;
    wse_strings signed_types;
    const char *extension;
    ListenTlsOptions tls;  // bound when the table is there
    int32_t proxy_protocol;
    wse_strings trusted_proxies;
    wse_strings app;
};

struct HttpOptions {
    const char *address;
    int32_t public_api;
    int32_t open_metrics;
    wse_pairs keys;
    const char *key_file;
    int64_t max_body;
    int64_t max_connections;
    int64_t request_timeout;
    int64_t rate_capacity;
    int64_t rate_refill;
};

struct LimitsOptions {
    int64_t max_connections;
    int64_t max_connections_per_ip;
    int64_t max_message_size;
    int64_t max_publish_size;
    int64_t max_outbound;
    int64_t max_outbound_age;
    int64_t max_header_size;
    int64_t max_headers;
    int64_t max_pending_handshakes;
    int64_t max_relays;
    int64_t max_subscriptions;
    int64_t max_topics_per_request;
    int64_t max_topic_length;
    int64_t max_topics;
    int64_t dedup_ids;
    int64_t dedup_age;
    int64_t rate_capacity;
    int64_t rate_refill;
    int64_t rate_capacity_per_user;
    int64_t rate_refill_per_user;
    int64_t rate_capacity_per_ip;
    int64_t rate_refill_per_ip;
    int64_t ping_rate;
    int64_t revocations;
    int64_t revocation_age;
    int64_t handshake_timeout;
    int64_t relay_timeout;
    int64_t relay_keepalive;
    int64_t auth_timeout;
    int64_t snapshot_timeout;
    int64_t ask_timeout;
    int64_t ask_pending;
    int64_t module_call_budget;
    int64_t close_timeout;
};

struct KeepaliveOptions {
    int64_t heartbeat_interval;
    int64_t idle_timeout;
};

struct HistoryOptions {
    const char *path;
    int64_t file_size;
    int64_t max_memory;
};

struct PresenceOptions {
    int64_t grace;
    int64_t max_data;
    int64_t max_members;
};

struct EventsOptions {
    int32_t on_failure;  // a config::OnFailure
};

struct AppOptions {
    int64_t queue_messages;
    int64_t queue_bytes;
    int64_t max_bytes;
    int64_t batch;
};

struct ClusterOptions {
    int64_t publish_timeout;
    int64_t subscribe_wait;
    int32_t when_deaf;  // a config::WhenDeaf
    int64_t deaf_after;
};

struct DevOptions {
    const char *echo;
};

struct ModuleOptions {
    const char *load;
};

struct TopicHistoryOptions {
    int64_t messages;
    int64_t age;
    int64_t size;
};

struct TopicOptions {
    const char *match;
    int32_t subscribe;
    int32_t publish;
    TopicHistoryOptions history;  // bound when the table is there
    int32_t presence;
    int32_t slow;    // a config::Slow
    int32_t retain;  // a config::Retain
    const char *key;
    const char *snapshot;
    int32_t scope;  // a config::Scope
    const char *ask;
    wse_strings ask_for;
};

}  // namespace wse::config
