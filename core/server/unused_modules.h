// SPDX-License-Identifier: MIT
// Modules that are loaded and that nothing in the configuration uses: perhaps a name is misspelt.
#pragma once

#include <string>

#include "config/settings.h"
#include "module/set.h"

namespace wse::server {

// Why the instance is not used, one sentence; empty when it is.
std::string unused_because(const config::Settings &settings, const module::ModuleSet &modules,
                           const module::Instance &instance);

// A warning for each of them.
void warn_of_unused(const config::Settings &settings, const module::ModuleSet &modules);

}  // namespace wse::server
