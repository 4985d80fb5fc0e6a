// SPDX-License-Identifier: MIT
// The server's configuration as typed structs: what one reading of the files came to.
// Filled by config/load.h from the option tables in config/schema.cc; immutable afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <wse/module.h>

namespace wse::config {

struct Server {
    uint32_t loops =
        0;             // connection loops; never 0 after loading ("auto" is resolved to the cores)
    std::string user;  // empty: stay who we are
    std::string runtime_dir;
    bool supervisor = true;
};

struct Log {
    std::string level;   // error, warn, info, debug
    std::string format;  // text, json
    std::string file;    // empty: standard error
};

struct Listen {
    std::string name;     // the X of [listen.X]
    std::string address;  // "0.0.0.0:5006", "[::1]:5006"
    std::string path;
    std::vector<std::string> origins;  // exact matches; empty: see allow_any_origin in session/gate
    std::string fallback;              // "builtin", "http://host:port", "none"
    std::string auth;                  // name of an auth module instance; empty: the only one
    bool anonymous = false;
    std::string token_cookie;            // name of the cookie that carries the token; empty: none
    bool token_query = false;            // ?token=
    std::vector<std::string> subscribe;  // subscribed for every session; {sub} is its user
};

struct Limits {
    uint64_t max_connections = 0;
    uint64_t max_connections_per_ip = 0;
    uint64_t max_message_size = 0;   // bytes of one message from a client
    uint64_t max_publish_size = 0;   // bytes of one payload; lower, the envelope must fit too
    uint64_t max_outbound = 0;       // bytes queued to one connection
    uint64_t max_header_size = 0;    // bytes of a request head
    uint64_t max_headers = 0;        // count
    uint64_t max_subscriptions = 0;  // per session
    uint64_t max_topic_length = 0;   // bytes
    uint64_t max_topics = 0;         // in the whole server
    uint64_t rate_capacity = 0;      // messages from one client at once
    uint64_t rate_refill = 0;        // messages per second
    uint64_t handshake_timeout_ms = 0;
    uint64_t auth_timeout_ms = 0;
    uint64_t close_timeout_ms = 0;  // from our close frame to the end of the connection
};

struct Keepalive {
    uint64_t heartbeat_interval_ms = 0;
    uint64_t idle_timeout_ms = 0;
};

struct TopicRow {
    std::string match;
    bool subscribe = false;
    bool publish = false;
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
    Limits limits;
    Keepalive keepalive;
    std::vector<TopicRow> topics;  // in order; the first match wins
    std::vector<ModuleEntry> modules;
};

}  // namespace wse::config
