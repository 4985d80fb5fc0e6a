// SPDX-License-Identifier: MIT
// The module of kind backplane: there is at most one, and topics that are shared need it.
#pragma once

#include "config/load.h"
#include "hub/policy.h"
#include "module/set.h"
#include "server/connection_loop.h"

namespace wse::server {

// [main] A second one is an error at its place; a [[topic]] that says `scope = "cluster"` without
// any is warned of. Problems go to `diagnostics`.
void check_backplane(const config::Loaded &loaded, const module::ModuleSet &modules,
                     config::Diagnostics &diagnostics);

// [any] Closes, with 1012, every session that is subscribed to a topic that is shared.
void close_clustered(const std::vector<std::unique_ptr<ConnectionLoop>> &loops,
                     const hub::PolicyOf &policy_of);

}  // namespace wse::server
