// SPDX-License-Identifier: MIT
// wsectl: looks into a running wsed and steers it. See wsectl(1).
#include <stdio.h>

#include "base/version.h"
#include "wsectl/command_line.h"

namespace wse::ctl {

static int run(const std::vector<std::string> &arguments) {
    const auto invocation = parse_command_line(arguments);
    if (!invocation) return complain(kUsage, invocation.error().text);
    const Subcommand *subcommand = invocation->subcommand;
    switch (invocation->action) {
        case Invocation::Action::kVersion:
            printf("wsectl %s\n", kVersion);
            return kDone;
        case Invocation::Action::kHelp:
            fputs((subcommand ? help(*subcommand) : help(invocation->group)).c_str(), stdout);
            return kDone;
        case Invocation::Action::kRun:
            break;
    }
    return subcommand->run(invocation->globals, invocation->words);
}

}  // namespace wse::ctl

int main(int argc, char **argv) {
    return wse::ctl::run(std::vector<std::string>(argv + 1, argv + argc));
}
