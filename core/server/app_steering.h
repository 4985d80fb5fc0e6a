// SPDX-License-Identifier: MIT
// The commands of applications, as modules hand them over: judged before anything else reads them.
#pragma once

#include <cstdint>

#include <wse/module.h>

#include "base/result.h"
#include "config/settings.h"
#include "session/steering.h"

namespace wse::server {

// A copy of the command. WSE_EINVAL, WSE_ETOOBIG: it cannot be done, whoever it is for. `now_ms` is
// the wall clock. [any]
Result<session::Steering> read_steering(const wse_app_command &command,
                                        const config::Limits &limits, uint64_t now_ms);

// A code that a backend may close with.
bool is_backends_close_code(uint32_t code);

}  // namespace wse::server
