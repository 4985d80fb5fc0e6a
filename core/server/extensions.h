// SPDX-License-Identifier: MIT
// Modules of kind transform that are WebSocket extensions: which listener offers which.
#pragma once

#include <cstddef>

#include "config/load.h"
#include "module/set.h"
#include "session/context.h"

namespace wse::server {

// [main] Every module that a listener names as `extension` is one; problems go to `diagnostics`.
void check_extensions(const config::Loaded &loaded, const module::ModuleSet &modules,
                      config::Diagnostics &diagnostics);

// [main] Once they have been created: those that listeners name, for one connection loop, on which
// they are used. The modules outlive their use.
void add_extensions(const module::ModuleSet &modules, size_t loop, session::Generation &generation);

}  // namespace wse::server
