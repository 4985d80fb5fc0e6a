// SPDX-License-Identifier: MIT
// From the merged tree to settings.h's structs.
#pragma once

#include "config/diagnostics.h"
#include "config/document.h"

namespace wse::config {

// Fills document.settings and the places beside it from document.root.
void fill_settings(Document &document, Diagnostics &diagnostics);

}  // namespace wse::config
