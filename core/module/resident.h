// SPDX-License-Identifier: MIT
// Modules that are in the program already, and not in a file: those of who embeds the server. Their
// `load` is "program:NAME".
#pragma once

#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::module {

inline constexpr std::string_view kProgram = "program:";

// [main] `def` stays valid until it is forgotten. Another one of that name takes its place.
void add_resident(const std::string &name, const wse_module_def &def);
void forget_residents();
// [main] Null: there is none.
const wse_module_def *find_resident(std::string_view name);

}  // namespace wse::module
