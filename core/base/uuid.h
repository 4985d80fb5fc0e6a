// SPDX-License-Identifier: MIT
// Identifiers of messages and connections: UUID version 7 (RFC 9562 section 5.7).
#pragma once

#include <cstdint>
#include <string>

namespace wse {

// 36 characters, lower case. Unique, and increasing within a thread even when the clock goes back.
std::string uuid7(uint64_t wall_ms);

}  // namespace wse
