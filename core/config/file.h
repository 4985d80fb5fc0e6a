// SPDX-License-Identifier: MIT
// TOML text to a tree. The only file that knows the parser.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/diagnostics.h"
#include "config/tree.h"

namespace wse::config {

// Reads `source` into `root`, a table. The parser stops at the first syntax error, so a statement
// with one is taken out and the rest is read again: true when the text was whole, false when `root`
// lacks something, of which diagnostics tell.
bool parse_source(const Source &source, Value &root, Diagnostics &diagnostics);

// One value as it would stand behind a '='. Its places are those of nothing.
Result<Value> parse_value(std::string_view text);

}  // namespace wse::config
