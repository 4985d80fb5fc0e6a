// SPDX-License-Identifier: MIT
// The command line of wsed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace wse::server {

enum class Mode { kRun, kTest, kDump, kVersion, kBuild, kHelp };

struct CommandLine {
    Mode mode = Mode::kRun;
    std::string config_path;
    std::vector<std::string> overrides;  // -g
    std::string module_dir;
};

Result<CommandLine> parse_command_line(int argc, char **argv);

const char *usage();

}  // namespace wse::server
