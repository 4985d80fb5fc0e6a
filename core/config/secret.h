// SPDX-License-Identifier: MIT
// Files and variables that values refer to: "env:NAME" and "file:PATH" of secrets, options that are
// paths.
#pragma once

#include <string>

#include "config/document.h"
#include "config/slot.h"

namespace wse::config {

// A relative path is relative to the file in which it stands; of -g and the environment, to the
// main file.
std::string resolve_path(const Document &document, const std::string &path, const Location &at);

// "env:NAME" and "file:PATH" by what they stand for, in a string or the strings of a list or table.
// A secret written out has its line hidden from diagnostics.
Misfit resolve_secret(const Document &document, Value &value, Diagnostics &diagnostics);

// The path made absolute; a misfit when it is no file that can be read.
Misfit resolve_readable(const Document &document, Value &value);

}  // namespace wse::config
