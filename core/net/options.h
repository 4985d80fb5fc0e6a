// SPDX-License-Identifier: MIT
// What net is told by whoever starts it. It knows no configuration file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/network.h"
#include "base/result.h"
#include "net/handler.h"

namespace wse::net {

class Certificates;

// Of every connection of a loop. The defaults are those of a public server.
struct Limits {
    size_t max_head_bytes = 16 * 1024;       // of a request head; beyond: 431
    size_t max_headers = 100;                // in a request head; beyond: 431
    size_t max_pending_handshakes = 512;     // per loop; beyond, the oldest is cut with 408
    uint64_t max_message_bytes = 1 << 20;    // of one WebSocket message; beyond: close 1009
    size_t max_outbound_bytes = 16 << 20;    // queued to one connection; beyond: send() is false
    uint64_t handshake_timeout_ms = 10'000;  // from accept to the end of the request head; then 408
    uint64_t close_timeout_ms = 5'000;       // from our close frame to the end of the connection
    uint64_t linger_ms = 2'000;  // that a peer gets to read our last bytes and close its side
    uint64_t relay_connect_ms = 5'000;     // for the fallback to accept; then 504
    uint64_t relay_timeout_ms = 60'000;    // for the next byte; then 504, 408 or a close
    uint64_t relay_keepalive_ms = 30'000;  // for the client's next request; 0: there is none
};

// Yields a non-blocking stream socket to the fallback, connected or connecting. Called on the
// connection loop, so it must not block.
using Connector = std::function<Result<int>()>;

// Requests for the path are WebSockets.
struct Route {
    std::string path;
    UpgradeGate *gate = nullptr;  // outlives the server
};

// One listening socket of a loop and what it serves.
struct ListenerOptions {
    std::string name;                      // for the log: the X of [listen.X]
    int fd = -1;                           // listening, non-blocking (see bind_address); taken over
    std::vector<Route> routes;             // each path once; all other requests go to the fallback
    Connector fallback;                    // empty: they are answered 404
    Certificates *certificates = nullptr;  // its TLS, which outlives the server; null: none
    std::vector<Network> trusted_proxies = {};  // whose word on their clients is taken
    bool proxy_protocol = false;  // trusted proxies send a PROXY header, others are refused
};

}  // namespace wse::net
