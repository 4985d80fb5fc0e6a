// SPDX-License-Identifier: MIT
// Messages as modules hand them over: judged before anything else reads them. [any]
#pragma once

#include <wse/module.h>

#include "base/result.h"
#include "config/settings.h"
#include "hub/cluster.h"

namespace wse::server {

// Text is UTF-8 and the payload JSON; make_publication counts on what came through a parser, and a
// module's bytes came through none.
Result<void> check_bytes(const wse_message &message);

// A message of the cluster, copied: what a publisher may send, with an id and a place. `now_ms` is
// the wall clock.
Result<hub::Remote> read_remote(const wse_message &message, const config::Limits &limits,
                                uint64_t now_ms);

// An epoch of 32 bits, and an offset that clients can read.
Result<proto::Position> read_position(uint64_t epoch, uint64_t offset);

}  // namespace wse::server
