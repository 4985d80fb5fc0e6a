// SPDX-License-Identifier: MIT
// Files, includes and -g to one merged tree.
#pragma once

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/load.h"

namespace wse::config {

// Fills sources and root of `document`.
void read_sources(const LoadRequest &request, Document &document, Diagnostics &diagnostics);

}  // namespace wse::config
