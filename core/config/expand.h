// SPDX-License-Identifier: MIT
// ${VAR} and ${VAR:-default} in the strings of a tree; $$ is a dollar.
#pragma once

#include <functional>

#include "config/diagnostics.h"
#include "config/tree.h"

namespace wse::config {

using Getenv = std::function<const char *(const char *)>;

// Replaces in all strings under `value`. A variable that is unset and has no default is an error at
// its place. A default is also taken for an empty variable, as in a shell.
void expand(Value &value, const Getenv &getenv, Diagnostics &diagnostics);

}  // namespace wse::config
