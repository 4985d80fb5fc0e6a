// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"

namespace wse::server {

// Listening sockets, bound before privileges are dropped; by listener, then by loop.
struct Sockets {
    std::vector<std::vector<int>> fds;
    std::vector<std::string> addresses;  // as bound
    int http = -1;                       // that of the HTTP API; -1: none
    std::string http_address = {};       // as bound
};

Result<Sockets> bind_all(const config::Settings &settings);

}  // namespace wse::server
