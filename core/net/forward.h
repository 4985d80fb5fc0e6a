// SPDX-License-Identifier: MIT
// The request head as the fallback gets to see it.
#pragma once

#include <string>

#include "net/head.h"

namespace wse::net {

// It asks for a WebSocket of the application's own. No other upgrade is passed on: with h2c a
// client would speak past us.
bool wants_websocket(const Request &request);

// Without what concerns this connection alone (RFC 9110 section 7.6.1), with X-Forwarded-For,
// -Proto and -Host set, and "Connection: close" unless it wants a WebSocket. What a client says of
// its own way here is left out; what a trusted proxy says in these three is continued.
std::string forwarded_head(const Request &request, const Peer &peer, bool is_tls);

}  // namespace wse::net
