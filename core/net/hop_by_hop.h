// SPDX-License-Identifier: MIT
// Headers of one connection alone (RFC 9110 section 7.6.1), which a proxy does not pass on.
#pragma once

#include <string_view>

namespace wse::net {

// In any case. The headers that say where a body ends are among them: each side has its own.
bool is_hop_by_hop(std::string_view name);

}  // namespace wse::net
