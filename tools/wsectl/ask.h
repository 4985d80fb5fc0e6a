// SPDX-License-Identifier: MIT
// One question to the server, and its answer on standard output.
#pragma once

#include <string>
#include <string_view>

#include "wsectl/command.h"
#include "wsectl/show.h"

namespace wse::ctl {

// Prints what `show` makes of the result, or with --json the result. Returns the exit code.
int ask_and_print(const Globals &globals, std::string_view command, const std::string &args,
                  std::string (*show)(JsonView, const Style &));

}  // namespace wse::ctl
