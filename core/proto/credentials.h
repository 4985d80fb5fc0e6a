// SPDX-License-Identifier: MIT
// What is said about the token of a session that goes on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wse::proto {

// Does a client_hello say that the client replaces its token in time?
bool hello_refreshes(std::string_view payload);

// Of an auth_refresh; never shown to anybody.
Result<std::string> refresh_token(std::string_view payload);

// `expires_ms`: wall clock; 0: never.
std::string auth_refreshed(uint64_t expires_ms);
std::string auth_expiring(uint64_t expires_ms);

}  // namespace wse::proto
