// SPDX-License-Identifier: MIT
// Numbers and names that nobody else has.
#pragma once

#include <cstdint>
#include <string>

namespace wse::backplane_redis {

// 16 lower-case hex digits: what this start of the process is called.
std::string random_host();
// Of a topic or a generation; never 0.
uint32_t random_epoch();
// A UUID of version 7, for a message that came without an id.
std::string random_uuid(uint64_t now_ms);

}  // namespace wse::backplane_redis
