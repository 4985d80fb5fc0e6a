// SPDX-License-Identifier: MIT
// What a loop has of the modules of kind event. [main] once they have been created; the objects are
// used on the loop, and the modules outlive their use.
#pragma once

#include <cstddef>
#include <memory>

#include "module/set.h"
#include "session/filter_table.h"
#include "session/publish_entry.h"

namespace wse::server {

// `loop` is a connection loop's index, or, after the last of them, that of the service loop.
session::Shapers shapers_of(const module::ModuleSet &modules, size_t loop);
// Null: no module offers filters.
std::unique_ptr<session::FilterTable> filters_of(const module::ModuleSet &modules, size_t loop);

}  // namespace wse::server
