// SPDX-License-Identifier: MIT
// What a loop has of the modules of kind transform. [main] once they have been created; the objects
// are used on the loop, and the modules outlive their use.
#pragma once

#include <cstddef>

#include "config/load.h"
#include "module/set.h"
#include "session/wire.h"

namespace wse::server {

// Those that put a prefix in front of messages.
session::Transforms transforms_of(const module::ModuleSet &modules, size_t loop);

// Listeners that want signatures have a module that makes them; problems go to `diagnostics`.
void check_signing(const config::Loaded &loaded, const module::ModuleSet &modules,
                   config::Diagnostics &diagnostics);

}  // namespace wse::server
