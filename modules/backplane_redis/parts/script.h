// SPDX-License-Identifier: MIT
// Scripts that run in Redis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "link.h"

namespace wse::backplane_redis::parts {

// Sends the script itself each time, for those that run now and then: Redis keeps what it made of
// it, and no script is ever missing. As Link::send().
uint64_t send_script(Link &link, const char *script, const std::vector<std::string> &keys,
                     const std::vector<std::string> &arguments, uint64_t timeout_ms,
                     Link::Done done);

}  // namespace wse::backplane_redis::parts
