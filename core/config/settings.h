// SPDX-License-Identifier: MIT
// The server's configuration as typed structs: what one reading of the files came to.
// Filled by config/load.h from the option tables in config/schema.cc; immutable afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wse/module.h>

namespace wse::config {

struct Server {
    uint32_t loops =
        0;             // connection loops; never 0 after loading ("auto" is resolved to the cores)
    std::string user;  // empty: stay who we are
    std::string runtime_dir;
    std::string state_dir = {};  // what outlives the process
    bool supervisor = true;
};

struct Log {
    std::string level;   // error, warn, info, debug
    std::string format;  // text, json
    std::string file;    // empty: standard error
};

// In the order of the words in schema.cc.
enum class ClientCertificate : uint8_t { kNone, kOptional, kRequired };

// tls = {...} of a listener. Files are resolved and have been readable.
struct ListenTls {
    std::vector<std::string> certificates;
    std::vector<std::string> keys;  // as many
    std::string client_ca;          // empty: none
    ClientCertificate client_certificate = ClientCertificate::kNone;
};

struct Listen {
    std::string name;     // the X of [listen.X]
    std::string address;  // "0.0.0.0:5006", "[::1]:5006"
    std::string path;
    std::vector<std::string> origins;  // exact matches; empty: see allow_any_origin in session/gate
    std::string fallback;              // "none", "builtin", "http://host:port", "unix:/path"
    std::string auth;  // name of an instance of kind auth or app; empty: the only one of kind auth
    bool anonymous = false;
    std::string token_cookie;            // name of the cookie that carries the token; empty: none
    bool token_query = false;            // ?token=
    bool debug_messages = false;         // debug_request is answered
    std::vector<std::string> subscribe;  // topics and patterns of every session; {sub} is its user
    std::vector<std::string> signed_types = {};  // messages that carry a signature, both ways
    std::string extension = {};                  // name of a transform module instance; empty: none
    std::optional<ListenTls> tls = {};
    bool proxy_protocol = false;
    std::vector<std::string> trusted_proxies = {};  // addresses and networks
    std::vector<std::string> app = {"*"};  // names of app module instances; "*": all of them
};

// The HTTP API and its keys.
struct Http {
    std::string address;      // of its own; empty: none
    bool public_api = false;  // also where a listener's fallback is "builtin"
    bool open_metrics = false;
    std::vector<std::pair<std::string, std::string>> keys = {};  // name, "sha256:HEX"
    std::string key_file;                                        // further keys; empty: none
    uint64_t max_body = 0;                                       // bytes of one request
    uint64_t max_connections = 0;
    uint64_t request_timeout_ms = 0;  // for a request to come, and for an answer to be read
    uint64_t rate_capacity = 0;       // operations with one key at once; 0: no limit
    uint64_t rate_refill = 0;
};

struct Limits {
    uint64_t max_connections = 0;
    uint64_t max_connections_per_ip = 0;
    uint64_t max_message_size = 0;     // bytes of one message from a client
    uint64_t max_publish_size = 0;     // bytes of one payload; lower, the envelope must fit too
    uint64_t max_outbound = 0;         // bytes queued to one connection
    uint64_t max_outbound_age_ms = 0;  // of what is queued to one connection
    uint64_t max_header_size = 0;      // bytes of a request head
    uint64_t max_headers = 0;          // count
    uint64_t max_pending_handshakes = 512;  // of one loop
    uint64_t max_relays = 1000;             // connections whose requests go to the fallback
    uint64_t max_subscriptions = 0;         // per session
    uint64_t max_topics_per_request = 1000;
    uint64_t max_topic_length = 0;  // bytes
    uint64_t max_topics = 0;        // in the whole server
    uint64_t dedup_ids = 0;         // publish ids remembered, so that one published again is known
    uint64_t dedup_age_ms = 0;      // and for how long
    uint64_t rate_capacity = 0;     // messages from one client at once
    uint64_t rate_refill = 0;       // messages per second
    uint64_t rate_capacity_per_user = 0;  // the same of all connections of a user; 0: no limit
    uint64_t rate_refill_per_user = 0;
    uint64_t rate_capacity_per_ip = 0;  // … and of an address
    uint64_t rate_refill_per_ip = 0;
    uint64_t ping_rate = 10;  // pings and pongs of one client, per second
    uint64_t revocations = 10000;
    uint64_t revocation_age_ms = 86'400'000;
    uint64_t handshake_timeout_ms = 0;
    uint64_t relay_timeout_ms = 60'000;    // for the next byte of the fallback or of its client
    uint64_t relay_keepalive_ms = 30'000;  // for the next request; 0: one per connection
    uint64_t auth_timeout_ms = 0;
    uint64_t snapshot_timeout_ms = 0;
    uint64_t ask_timeout_ms = 5000;  // of a message, for what applications are asked about it
    uint64_t ask_pending = 64;       // messages of one session that wait, questions that are out
    uint64_t module_call_budget_ms = 0;
    uint64_t close_timeout_ms = 0;  // from our close frame to the end of the connection
};

struct Keepalive {
    uint64_t heartbeat_interval_ms = 0;
    uint64_t idle_timeout_ms = 0;
};

// What all topics' histories may use.
struct History {
    std::string path;         // directory of the segments, resolved; empty: memory only
    uint64_t file_size = 0;   // bytes of all segments
    uint64_t max_memory = 0;  // bytes of all rings and retained messages
};

struct Presence {
    uint64_t grace_ms = 0;     // from a user's last connection to his leave
    uint64_t max_data = 0;     // bytes of one user's data
    uint64_t max_members = 0;  // users of one topic
};

// What becomes of an event that its module could not shape; in the order of the words in schema.cc.
enum class OnFailure : uint8_t { kPass, kDrop };

struct Events {
    OnFailure on_failure = OnFailure::kPass;
};

// What becomes of sessions while messages of other hosts do not come; in the order of the words in
// schema.cc.
enum class WhenDeaf : uint8_t { kServe, kClose };

// What may wait for the applications.
struct App {
    uint64_t queue_messages = 256;  // of one connection
    uint64_t queue_bytes = 1 << 20;
    uint64_t max_bytes = 64 << 20;  // of all
    uint64_t batch = 256;           // events in one delivery
};

// Together with other hosts, where a module of kind backplane is loaded.
struct Cluster {
    uint64_t publish_timeout_ms = 0;  // from a publish to its place
    uint64_t subscribe_wait_ms = 0;   // of a subscribe, for where its topic stands
    WhenDeaf when_deaf = WhenDeaf::kServe;
    uint64_t deaf_after_ms = 0;
};

// For those who build clients or this server, on their own machine.
struct Dev {
    std::string echo;  // path of a WebSocket that answers what it is sent; empty: none
};

// history = {...} of a topic row.
struct TopicHistory {
    uint64_t messages = 0;  // at least 1
    uint64_t age_ms = 0;    // 0: no limit
    uint64_t bytes = 0;     // of memory

    bool operator==(const TopicHistory &) const = default;
};

// All in the order of their words in schema.cc. kAuto: pause where there is a history to go on
// from, else disconnect.
enum class Slow : uint8_t { kAuto, kPause, kDisconnect, kDropOldest, kDropLowest, kConflate };
enum class Retain : uint8_t { kNone, kLast, kLastByKey };
// kCluster without a backplane: this is the only host.
enum class Scope : uint8_t { kCluster, kHost };

// Rights and settings of topics. `match` decides with {sub} as the session's user for the rights,
// and with {sub} as * for everything else.
struct TopicRow {
    std::string match;
    bool subscribe = false;
    bool publish = false;
    std::optional<TopicHistory> history = {};
    bool presence = false;
    Slow slow = Slow::kAuto;
    Retain retain = Retain::kNone;
    std::string key = {};  // member of the payload that tells messages apart (retain, conflate)
    std::string snapshot = {};  // name of an instance of kind snapshot or app; empty: none
    Scope scope = Scope::kCluster;
    std::string ask = {};        // name of an instance of kind app; empty: nobody is asked
    bool ask_subscribe = false;  // what it is asked about; both false without it
    bool ask_publish = false;
};

// One [module.X]: what the file says, for the loader to bind to the module's own table.
struct ModuleEntry {
    std::string name;  // X
    std::string path;  // of the .so, resolved
};

struct Settings {
    Server server;
    Log log;
    std::vector<Listen> listeners;  // in file order
    Http http = {};
    Limits limits;
    Keepalive keepalive;
    History history;
    Presence presence;
    Events events = {};
    App app = {};
    Cluster cluster = {};
    Dev dev = {};
    std::vector<TopicRow> topics;  // in order; the first match wins
    std::vector<ModuleEntry> modules;
};

}  // namespace wse::config
