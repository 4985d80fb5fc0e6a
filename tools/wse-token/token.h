// SPDX-License-Identifier: MIT
// From options to a token.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "options.h"

namespace wse::token {

// Reads the key or the secret. An error when it does not fit the algorithm: no server would accept
// the token.
Result<std::string> mint(const Options &options, uint64_t now_s);

}  // namespace wse::token
