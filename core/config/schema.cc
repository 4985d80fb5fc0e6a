// SPDX-License-Identifier: MIT
#include "config/schema.h"

#include <cstddef>

#include "base/assert.h"
#include "config/option.h"

namespace wse::config {
namespace {

constexpr int64_t kKilo = 1024;
constexpr int64_t kMega = 1024 * kKilo;
constexpr int64_t kGiga = 1024 * kMega;
constexpr int64_t kTera = 1024 * kGiga;
constexpr int64_t kSecond = 1000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

constexpr int64_t kMaxLoops = 64;
// A payload and its envelope together stay under 1 MiB, which every client accepts.
constexpr int64_t kEnvelopeRoom = 16 * kKilo;
constexpr int64_t kMillion = 1000000;

#define WSE_OPTION(type_, struct_, name, flags, min, max, fallback, choices, env, help)           \
    {                                                                                             \
#name, WSE_OPT_##type_, flags, offsetof(struct_, name), min, max, fallback, choices, env, \
            help                                                                                  \
    }

constexpr wse_option kEnd = {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr};

constexpr wse_option kServer[] = {
    WSE_OPTION(INT, ServerOptions, loops, WSE_OPT_F_AUTO, 1, kMaxLoops, "auto", nullptr, nullptr,
               "connection loops, each a thread; auto: as many as there are cores"),
    WSE_OPTION(STRING, ServerOptions, user, 0, 0, 0, "", nullptr, nullptr,
               "user to run as when started by root; empty: no change"),
    WSE_OPTION(STRING, ServerOptions, runtime_dir, 0, 0, 0, "/run/wse", nullptr, nullptr,
               "directory of the control socket"),
    WSE_OPTION(STRING, ServerOptions, state_dir, 0, 0, 0, "/var/lib/wse", nullptr, nullptr,
               "directory of what outlives the process"),
    WSE_OPTION(BOOL, ServerOptions, supervisor, 0, 0, 0, "true", nullptr, nullptr,
               "run the server under a supervisor that starts it anew after a crash"),
    kEnd};

constexpr wse_option kLog[] = {
    WSE_OPTION(ENUM, LogOptions, level, 0, 0, 0, "info", "error|warn|info|debug", nullptr,
               "the least severe lines that are written"),
    WSE_OPTION(ENUM, LogOptions, format, 0, 0, 0, "text", "text|json", nullptr,
               "one line of text or one JSON object per event"),
    WSE_OPTION(STRING, LogOptions, file, 0, 0, 0, "", nullptr, nullptr,
               "file to append to; empty: standard error"),
    kEnd};

constexpr wse_option kListen[] = {
    WSE_OPTION(STRING, ListenOptions, address, WSE_OPT_F_REQUIRED, 0, 0, nullptr, nullptr, nullptr,
               "IP address and port to listen on; port 0: the kernel chooses"),
    WSE_OPTION(STRING, ListenOptions, path, 0, 0, 0, "/wse", nullptr, nullptr,
               "path of the URL that is upgraded to a WebSocket"),
    WSE_OPTION(STRINGS, ListenOptions, origins, 0, 0, 0, "[]", nullptr, nullptr,
               "origins whose pages may connect, scheme://host[:port]; \"*\": any"),
    WSE_OPTION(
        STRING, ListenOptions, fallback, 0, 0, 0, "none", nullptr, nullptr,
        "who answers other requests: none, builtin, http://host:port or unix:/path to relay to"),
    WSE_OPTION(STRING, ListenOptions, auth, 0, 0, 0, "", nullptr, nullptr,
               "name of the module, or application, that authenticates; empty: the only module"),
    WSE_OPTION(BOOL, ListenOptions, anonymous, 0, 0, 0, "false", nullptr, nullptr,
               "admit clients that bring no token"),
    WSE_OPTION(STRING, ListenOptions, token_cookie, 0, 0, 0, "access_token", nullptr, nullptr,
               "cookie that carries the token; empty: none"),
    WSE_OPTION(BOOL, ListenOptions, token_query, 0, 0, 0, "false", nullptr, nullptr,
               "accept ?token= in the URL, where proxies may log it"),
    WSE_OPTION(BOOL, ListenOptions, debug_messages, 0, 0, 0, "false", nullptr, nullptr,
               "answer debug_request, which tells a client about its own connection"),
    WSE_OPTION(STRINGS, ListenOptions, subscribe, 0, 0, 0, "[]", nullptr, nullptr,
               "topics and patterns every session is subscribed to; {sub} is its user"),
    WSE_OPTION(STRINGS, ListenOptions, signed_types, 0, 0, 0, "[]", nullptr, nullptr,
               "types of messages that are signed both ways; * is any text"),
    WSE_OPTION(STRING, ListenOptions, extension, 0, 0, 0, "", nullptr, nullptr,
               "name of the module that is a WebSocket extension, for clients that want it"),
    WSE_OPTION(STRINGS, ListenOptions, tls.certificate,
               WSE_OPT_F_REQUIRED | WSE_OPT_F_PATH | kOneOrMore, 0, 0, nullptr, nullptr, nullptr,
               "PEM file of the certificate and its chain; one for each name, or one for all"),
    WSE_OPTION(STRINGS, ListenOptions, tls.key, WSE_OPT_F_REQUIRED | WSE_OPT_F_PATH | kOneOrMore, 0,
               0, nullptr, nullptr, nullptr,
               "PEM file of the certificate's private key; as many as certificates"),
    WSE_OPTION(STRING, ListenOptions, tls.client_ca, WSE_OPT_F_PATH, 0, 0, "", nullptr, nullptr,
               "PEM file of the authorities that client certificates are verified against"),
    WSE_OPTION(ENUM, ListenOptions, tls.client_certificate, 0, 0, 0, "none",
               "none|optional|required", nullptr,
               "whether clients are asked for a certificate, and refused without one"),
    WSE_OPTION(BOOL, ListenOptions, proxy_protocol, 0, 0, 0, "false", nullptr, nullptr,
               "connections begin with a PROXY header of a trusted proxy; others are refused"),
    WSE_OPTION(STRINGS, ListenOptions, trusted_proxies, 0, 0, 0, "[]", nullptr, nullptr,
               "addresses and networks of proxies that are believed who their clients are"),
    WSE_OPTION(STRINGS, ListenOptions, app, 0, 0, 0, "[\"*\"]", nullptr, nullptr,
               "names of the applications that hear of its clients; \"*\": all of them"),
    kEnd};

constexpr wse_option kHttp[] = {
    WSE_OPTION(STRING, HttpOptions, address, 0, 0, 0, "", nullptr, nullptr,
               "IP address and port of the HTTP API; port 0: the kernel chooses; empty: none"),
    WSE_OPTION(BOOL, HttpOptions, public_api, 0, 0, 0, "false", nullptr, nullptr,
               "serve the API also on listeners whose fallback is builtin"),
    WSE_OPTION(BOOL, HttpOptions, open_metrics, 0, 0, 0, "false", nullptr, nullptr,
               "serve /metrics without a key"),
    WSE_OPTION(PAIRS, HttpOptions, keys, 0, 0, 0, "{}", nullptr, nullptr,
               "keys of the API by name, each as the \"sha256:...\" that wsectl keys new prints"),
    WSE_OPTION(STRING, HttpOptions, key_file, WSE_OPT_F_PATH, 0, 0, "", nullptr, nullptr,
               "file of further keys, which wsectl keys reload reads again; empty: none"),
    WSE_OPTION(SIZE, HttpOptions, max_body, 0, kKilo, 64 * kMega, "1m", nullptr, nullptr,
               "size of one request's body"),
    WSE_OPTION(INT, HttpOptions, max_connections, 0, 1, 100000, "512", nullptr, nullptr,
               "connections at once, with those of public_api"),
    WSE_OPTION(DURATION, HttpOptions, request_timeout, 0, 50, 10 * kMinute, "10s", nullptr, nullptr,
               "time for a request to come whole, and for its answer to be read"),
    WSE_OPTION(INT, HttpOptions, rate_capacity, 0, 0, 1000 * kMillion, "0", nullptr, nullptr,
               "operations at once with one key, each of a batch counts; 0: no limit"),
    WSE_OPTION(INT, HttpOptions, rate_refill, 0, 0, 1000 * kMillion, "0", nullptr, nullptr,
               "and per second in the long run"),
    kEnd};

constexpr wse_option kLimits[] = {
    WSE_OPTION(INT, LimitsOptions, max_connections, 0, 1, kMillion, "10000", nullptr, nullptr,
               "connections in all"),
    WSE_OPTION(INT, LimitsOptions, max_connections_per_ip, 0, 0, kMillion, "0", nullptr, nullptr,
               "connections from one IP address; 0: no limit"),
    WSE_OPTION(SIZE, LimitsOptions, max_message_size, 0, kKilo, 64 * kMega, "1m", nullptr,
               "WSE_MAX_MESSAGE_SIZE", "size of one message from a client"),
    WSE_OPTION(SIZE, LimitsOptions, max_publish_size, 0, 1, kMega - kEnvelopeRoom, "960k", nullptr,
               nullptr, "size of one published payload"),
    WSE_OPTION(SIZE, LimitsOptions, max_outbound, 0, 64 * kKilo, kGiga, "16m", nullptr, nullptr,
               "bytes that may wait to be sent to one client"),
    WSE_OPTION(DURATION, LimitsOptions, max_outbound_age, 0, 100, kHour, "30s", nullptr, nullptr,
               "time that something may wait to be sent to one client"),
    WSE_OPTION(SIZE, LimitsOptions, max_header_size, 0, kKilo, 64 * kKilo, "16k", nullptr, nullptr,
               "size of a request's line and headers"),
    WSE_OPTION(INT, LimitsOptions, max_headers, 0, 8, 1000, "100", nullptr, nullptr,
               "headers of a request"),
    WSE_OPTION(INT, LimitsOptions, max_pending_handshakes, 0, 1, kMillion, "512", nullptr, nullptr,
               "connections of one loop whose request is not whole; beyond, the oldest is cut"),
    WSE_OPTION(
        INT, LimitsOptions, max_relays, 0, 1, kMillion, "1000", nullptr, nullptr,
        "connections whose requests go to the fallback, and at most half of all; beyond: 503"),
    WSE_OPTION(INT, LimitsOptions, max_subscriptions, 0, 1, kMillion, "1000", nullptr, nullptr,
               "topics one client may be subscribed to"),
    WSE_OPTION(INT, LimitsOptions, max_topics_per_request, 0, 1, kMillion, "1000", nullptr, nullptr,
               "topics that one request may name"),
    WSE_OPTION(INT, LimitsOptions, max_topic_length, 0, 1, 4096, "256", nullptr, nullptr,
               "bytes of a topic's name"),
    WSE_OPTION(INT, LimitsOptions, max_topics, 0, 1, 100 * kMillion, "1000000", nullptr, nullptr,
               "topics in the whole server"),
    WSE_OPTION(INT, LimitsOptions, dedup_ids, 0, 0, 100 * kMillion, "100000", nullptr, nullptr,
               "publish ids remembered, so that a publish tried again is not doubled; 0: none"),
    WSE_OPTION(DURATION, LimitsOptions, dedup_age, 0, kSecond, kDay, "10m", nullptr, nullptr,
               "time for which a publish id is remembered"),
    WSE_OPTION(INT, LimitsOptions, rate_capacity, 0, 1, 1000 * kMillion, "100000", nullptr, nullptr,
               "messages a client may send at once"),
    WSE_OPTION(INT, LimitsOptions, rate_refill, 0, 1, 1000 * kMillion, "10000", nullptr, nullptr,
               "messages a client may send per second in the long run"),
    WSE_OPTION(INT, LimitsOptions, rate_capacity_per_user, 0, 0, 1000 * kMillion, "0", nullptr,
               nullptr, "messages all connections of a user may send at once; 0: no limit"),
    WSE_OPTION(INT, LimitsOptions, rate_refill_per_user, 0, 0, 1000 * kMillion, "0", nullptr,
               nullptr, "and per second in the long run"),
    WSE_OPTION(INT, LimitsOptions, rate_capacity_per_ip, 0, 0, 1000 * kMillion, "0", nullptr,
               nullptr, "messages all connections from an address may send at once; 0: no limit"),
    WSE_OPTION(INT, LimitsOptions, rate_refill_per_ip, 0, 0, 1000 * kMillion, "0", nullptr, nullptr,
               "and per second in the long run"),
    WSE_OPTION(INT, LimitsOptions, ping_rate, 0, 1, kMillion, "10", nullptr, nullptr,
               "pings and pongs of one client per second; ten times as many close it"),
    WSE_OPTION(INT, LimitsOptions, revocations, 0, 0, kMillion, "10000", nullptr, nullptr,
               "revoked tokens and users that are remembered"),
    WSE_OPTION(DURATION, LimitsOptions, revocation_age, 0, kMinute, 365 * kDay, "24h", nullptr,
               nullptr, "and for how long; tokens should live shorter"),
    WSE_OPTION(DURATION, LimitsOptions, handshake_timeout, 0, 50, 10 * kMinute, "10s", nullptr,
               nullptr, "time from the connection to the whole request head"),
    WSE_OPTION(DURATION, LimitsOptions, relay_timeout, 0, 50, kDay, "60s", nullptr, nullptr,
               "time the fallback has for each next byte, and a client that it waits for"),
    WSE_OPTION(DURATION, LimitsOptions, relay_keepalive, 0, 0, kHour, "30s", nullptr, nullptr,
               "time a connection waits for its next request; \"0s\": there is only one"),
    WSE_OPTION(DURATION, LimitsOptions, auth_timeout, 0, 50, 10 * kMinute, "5s", nullptr, nullptr,
               "time the authenticating module has to answer"),
    WSE_OPTION(DURATION, LimitsOptions, snapshot_timeout, 0, 10, kMinute, "5s", nullptr, nullptr,
               "time a snapshot module has to answer"),
    WSE_OPTION(DURATION, LimitsOptions, ask_timeout, 0, 10, kMinute, "5s", nullptr, nullptr,
               "time an application has to answer what it is asked about a client's message"),
    WSE_OPTION(INT, LimitsOptions, ask_pending, 0, 1, 10000, "64", nullptr, nullptr,
               "messages of one client that may wait for it, and questions that are out at once"),
    WSE_OPTION(DURATION, LimitsOptions, module_call_budget, 0, 1, 10 * kMinute, "100ms", nullptr,
               nullptr, "time one call into a module may hold a loop; longer ones are logged"),
    WSE_OPTION(DURATION, LimitsOptions, close_timeout, 0, 50, 10 * kMinute, "5s", nullptr, nullptr,
               "time from the close frame to the end of the connection"),
    kEnd};

constexpr wse_option kKeepalive[] = {
    WSE_OPTION(DURATION, KeepaliveOptions, heartbeat_interval, 0, 50, kHour, "15s", nullptr,
               "WSE_HEARTBEAT_INTERVAL", "time between two heartbeats to a client"),
    WSE_OPTION(DURATION, KeepaliveOptions, idle_timeout, 0, 50, kDay, "90s", nullptr,
               "WSE_IDLE_TIMEOUT", "a client is closed that was silent for so long"),
    kEnd};

constexpr wse_option kHistory[] = {
    WSE_OPTION(STRING, HistoryOptions, path, 0, 0, 0, "history", nullptr, nullptr,
               "directory of the history file, relative to server.state_dir; empty: memory only"),
    WSE_OPTION(SIZE, HistoryOptions, file_size, 0, 16 * kMega, kTera, "512m", nullptr, nullptr,
               "size of the history file"),
    WSE_OPTION(SIZE, HistoryOptions, max_memory, 0, kMega, kTera, "256m", nullptr, nullptr,
               "memory for the histories and retained messages of all topics"),
    kEnd};

constexpr wse_option kPresence[] = {
    WSE_OPTION(DURATION, PresenceOptions, grace, 0, 0, 10 * kMinute, "5s", nullptr, nullptr,
               "time from the end of a user's last connection to his leave"),
    WSE_OPTION(SIZE, PresenceOptions, max_data, 0, 64, 64 * kKilo, "4k", nullptr, nullptr,
               "size of the data of one user"),
    WSE_OPTION(INT, PresenceOptions, max_members, 0, 1, kMillion, "10000", nullptr, nullptr,
               "users of one topic"),
    kEnd};

constexpr wse_option kEvents[] = {
    WSE_OPTION(ENUM, EventsOptions, on_failure, 0, 0, 0, "pass", "pass|drop", nullptr,
               "an event whose module fails: pass it on as it came, or refuse it"),
    kEnd};

constexpr wse_option kApp[] = {
    WSE_OPTION(INT, AppOptions, queue_messages, 0, 1, kMillion, "256", nullptr, nullptr,
               "messages of one client that may wait for an application"),
    WSE_OPTION(SIZE, AppOptions, queue_bytes, 0, kKilo, kGiga, "1m", nullptr, nullptr,
               "bytes of them"),
    WSE_OPTION(SIZE, AppOptions, max_bytes, 0, 64 * kKilo, 64 * kGiga, "64m", nullptr, nullptr,
               "bytes of all clients' messages that may wait; of all events, twice as many"),
    WSE_OPTION(INT, AppOptions, batch, 0, 1, 65536, "256", nullptr, nullptr,
               "events that an application is given at once"),
    kEnd};

constexpr wse_option kCluster[] = {
    WSE_OPTION(DURATION, ClusterOptions, publish_timeout, 0, 100, 10 * kMinute, "10s", nullptr,
               nullptr,
               "time from a publish to its place; beyond, the publisher is told to try again"),
    WSE_OPTION(DURATION, ClusterOptions, subscribe_wait, 0, 0, kMinute, "2s", nullptr, nullptr,
               "time a subscribe waits to hear where its topic stands"),
    WSE_OPTION(ENUM, ClusterOptions, when_deaf, 0, 0, 0, "serve", "serve|close", nullptr,
               "sessions while nothing comes from the cluster: serve, or close them with 1012"),
    WSE_OPTION(DURATION, ClusterOptions, deaf_after, 0, kSecond, kHour, "30s", nullptr, nullptr,
               "time for which nothing has come before they are closed"),
    kEnd};

constexpr wse_option kDev[] = {
    WSE_OPTION(STRING, DevOptions, echo, 0, 0, 0, "", nullptr, nullptr,
               "path of a WebSocket that sends every message back; only where all listeners are "
               "on loopback addresses and none serves proxies; empty: none"),
    kEnd};

constexpr wse_option kModule[] = {
    WSE_OPTION(STRING, ModuleOptions, load, 0, 0, 0, nullptr, nullptr, nullptr,
               "file of the module, in the module directory or absolute; default: NAME.so"),
    kEnd};

constexpr wse_option kTopic[] = {
    WSE_OPTION(STRING, TopicOptions, match, WSE_OPT_F_REQUIRED, 0, 0, nullptr, nullptr, nullptr,
               "topics the row is about: * is any text, ? one byte, {sub} the client's user"),
    WSE_OPTION(BOOL, TopicOptions, subscribe, 0, 0, 0, "false", nullptr, nullptr,
               "clients may subscribe"),
    WSE_OPTION(BOOL, TopicOptions, publish, 0, 0, 0, "false", nullptr, nullptr,
               "clients may publish"),
    WSE_OPTION(INT, TopicOptions, history.messages, 0, 1, kMillion, "1000", nullptr, nullptr,
               "messages of one topic that are kept"),
    WSE_OPTION(DURATION, TopicOptions, history.age, 0, 0, 30 * kDay, "1h", nullptr, nullptr,
               "time for which they are kept; \"0s\": no limit"),
    WSE_OPTION(SIZE, TopicOptions, history.size, 0, 64 * kKilo, kGiga, "16m", nullptr, nullptr,
               "memory for the messages of one topic"),
    WSE_OPTION(BOOL, TopicOptions, presence, 0, 0, 0, "false", nullptr, nullptr,
               "subscribers are told who else is there"),
    WSE_OPTION(ENUM, TopicOptions, slow, 0, 0, 0, "auto",
               "auto|pause|disconnect|drop_oldest|drop_lowest|conflate", nullptr,
               "what becomes of a client that reads too slowly"),
    WSE_OPTION(ENUM, TopicOptions, retain, 0, 0, 0, "none", "none|last|last_by_key", nullptr,
               "messages a new subscriber gets at once: the last, or the last of each key"),
    WSE_OPTION(STRING, TopicOptions, key, 0, 0, 0, "", nullptr, nullptr,
               "member of the payload that is the key for last_by_key and conflate"),
    WSE_OPTION(STRING, TopicOptions, snapshot, 0, 0, 0, "", nullptr, nullptr,
               "name of the module, or application, that has the topics' state; empty: none"),
    WSE_OPTION(ENUM, TopicOptions, scope, 0, 0, 0, "cluster", "cluster|host", nullptr,
               "who shares the topics: the hosts that a backplane joins, or this one's clients"),
    WSE_OPTION(STRING, TopicOptions, ask, 0, 0, 0, "", nullptr, nullptr,
               "name of the application that is asked whether a client may; empty: nobody is"),
    WSE_OPTION(STRINGS, TopicOptions, ask_for, 0, 0, 0, "[\"subscribe\", \"publish\"]", nullptr,
               nullptr, "what it is asked about: subscribe, publish"),
    kEnd};

#undef WSE_OPTION

template <class Options>
constexpr OptionTable table(const wse_option *rows) {
    return {rows, sizeof(wse_option), sizeof(Options)};
}

constexpr Section kSections[] = {
    {"server", Shape::kSingle, table<ServerOptions>(kServer), "the process"},
    {"log", Shape::kSingle, table<LogOptions>(kLog), "one line per event"},
    {"listen", Shape::kNamed, table<ListenOptions>(kListen), "a listener and who may use it"},
    {"http", Shape::kSingle, table<HttpOptions>(kHttp), "the HTTP API, its keys and pages"},
    {"limits", Shape::kSingle, table<LimitsOptions>(kLimits), "what one client, or all, may use"},
    {"keepalive", Shape::kSingle, table<KeepaliveOptions>(kKeepalive), "finding dead connections"},
    {"history", Shape::kSingle, table<HistoryOptions>(kHistory),
     "what the histories of all topics may use"},
    {"presence", Shape::kSingle, table<PresenceOptions>(kPresence),
     "who is there, in topics that tell it"},
    {"events", Shape::kSingle, table<EventsOptions>(kEvents),
     "what the modules of kind event do with what is published"},
    {"app", Shape::kSingle, table<AppOptions>(kApp),
     "what waits for the applications, which are modules of kind app"},
    {"cluster", Shape::kSingle, table<ClusterOptions>(kCluster),
     "together with the hosts that a module of kind backplane joins"},
    {"dev", Shape::kSingle, table<DevOptions>(kDev), "for development, on one's own machine"},
    {"module", Shape::kNamed, table<ModuleOptions>(kModule),
     "an instance of a module; its other keys are the module's own"},
    {"topic", Shape::kRows, table<TopicOptions>(kTopic),
     "rights and settings of topics; the first row that matches counts, without one a topic is "
     "denied"},
};

}  // namespace

std::string Section::header(std::string_view instance) const {
    const std::string text = name;
    if (shape == Shape::kRows) return "[[" + text + "]]";
    if (shape == Shape::kNamed) return '[' + text + '.' + std::string(instance) + ']';
    return '[' + text + ']';
}

std::span<const Section> sections() {
    return kSections;
}

const Section &section(std::string_view name) {
    for (const Section &each : kSections) {
        if (each.name == name) return each;
    }
    assertion_failed(__FILE__, __LINE__, "no such section");
}

}  // namespace wse::config
