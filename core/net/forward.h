// SPDX-License-Identifier: MIT
// The request head as the fallback gets to see it.
#pragma once

#include <string>

#include "net/head.h"

namespace wse::net {

// Without what concerns this connection alone (RFC 9110 section 7.6.1), with X-Forwarded-For
// continued, X-Forwarded-Proto and X-Forwarded-Host set, and "Connection: close".
std::string forwarded_head(const Request &request, const Peer &peer);

}  // namespace wse::net
