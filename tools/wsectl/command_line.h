// SPDX-License-Identifier: MIT
// From the words of the command line to a subcommand and its options.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wsectl/command.h"

namespace wse::ctl {

struct Invocation {
    enum class Action { kRun, kHelp, kVersion };
    Action action = Action::kRun;
    const Subcommand *subcommand = nullptr;  // null: help about wsectl itself
    std::string group;                       // help about the subcommands that start with it
    Globals globals;
    Words words;
};

// `arguments` without the program's name. Options may stand anywhere after the subcommand; "--"
// ends them.
Result<Invocation> parse_command_line(const std::vector<std::string> &arguments);

// The subcommands in `group`, "conn" say, or all.
std::string help(const std::string &group = {});
std::string help(const Subcommand &subcommand);

}  // namespace wse::ctl
