// SPDX-License-Identifier: MIT
// What a configuration promises, and only the loaded modules and the key file can keep.
#pragma once

#include "config/diagnostics.h"
#include "config/load.h"
#include "module/set.h"

namespace wse::server {

// [main] Every listener has who authenticates, or says that it is anonymous; every module that is
// named somewhere is of the kind that is wanted there, and does what it is named for; the keys of
// the HTTP API can be read. Problems go to `diagnostics`.
void check_promises(const config::Loaded &loaded, const module::ModuleSet &modules,
                    config::Diagnostics &diagnostics);

}  // namespace wse::server
