// SPDX-License-Identifier: MIT
// The modules of kind app of one reading of the configuration. [main]
#pragma once

#include <memory>
#include <vector>

#include "config/load.h"
#include "module/app_inbox.h"
#include "module/set.h"

namespace wse::server {

// Once they have been created, in the order of the file. The modules outlive them.
std::vector<std::unique_ptr<module::AppInbox>> app_inboxes_of(const module::ModuleSet &modules);

// Every application that a listener names is one; problems go to `diagnostics`.
void check_applications(const config::Loaded &loaded, const module::ModuleSet &modules,
                        config::Diagnostics &diagnostics);

}  // namespace wse::server
