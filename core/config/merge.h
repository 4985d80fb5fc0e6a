// SPDX-License-Identifier: MIT
// Putting one tree into another.
#pragma once

#include "config/diagnostics.h"
#include "config/tree.h"

namespace wse::config {

// Another file's content: tables are united, [[rows]] follow one another, and a key that both have
// is an error that names both places.
void merge_file(Value &into, Value &&from, Diagnostics &diagnostics);

// A -g: tables are united, everything else is replaced.
void merge_override(Value &into, Value &&from);

}  // namespace wse::config
