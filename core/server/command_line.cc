// SPDX-License-Identifier: MIT
#include "server/command_line.h"

#include <getopt.h>

namespace wse::server {

const char *usage() {
    return R"(usage: wsed [-c FILE] [-g KEY=VALUE]... [-t | -T | -v | -V | -h]

  -c, --config FILE       configuration file (default )" WSE_CONFIG_PATH R"()
  -g, --set KEY=VALUE     set one key, as a line of TOML: listen.main.address="127.0.0.1:0"
  -t, --test              check the configuration and every module it names, then exit
  -T, --dump              the same, then print the whole configuration and where each value came from
  -m, --module-dir DIR    where modules are (default )" WSE_MODULE_DIR R"()
  -v, --version           print the version
  -V, --build             print the version, the module ABI and the paths built in
  -h, --help              print this

Exit status: 0 done, 64 usage, 69 an address or the control socket cannot be used, 70 internal
error, 71 the system refused, 78 bad configuration.
Manual: wsed(8), wse.toml(5).
)";
}

Result<CommandLine> parse_command_line(int argc, char **argv) {
    static constexpr option kOptions[] = {{"config", required_argument, nullptr, 'c'},
                                          {"set", required_argument, nullptr, 'g'},
                                          {"test", no_argument, nullptr, 't'},
                                          {"dump", no_argument, nullptr, 'T'},
                                          {"module-dir", required_argument, nullptr, 'm'},
                                          {"version", no_argument, nullptr, 'v'},
                                          {"build", no_argument, nullptr, 'V'},
                                          {"help", no_argument, nullptr, 'h'},
                                          {nullptr, 0, nullptr, 0}};
    CommandLine line{Mode::kRun, WSE_CONFIG_PATH, {}, WSE_MODULE_DIR};
    opterr = 0;
    optind = 0;  // glibc: forget what an earlier call left
    for (int c = 0; (c = getopt_long(argc, argv, ":c:g:tTm:vVh", kOptions, nullptr)) != -1;) {
        switch (c) {
            case 'c':
                line.config_path = optarg;
                break;
            case 'g':
                line.overrides.emplace_back(optarg);
                break;
            case 't':
                line.mode = Mode::kTest;
                break;
            case 'T':
                line.mode = Mode::kDump;
                break;
            case 'm':
                line.module_dir = optarg;
                break;
            case 'v':
                line.mode = Mode::kVersion;
                break;
            case 'V':
                line.mode = Mode::kBuild;
                break;
            case 'h':
                line.mode = Mode::kHelp;
                break;
            case ':':
                return Error{WSE_EINVAL, std::string(argv[optind - 1]) + ": needs a value"};
            default:
                return Error{WSE_EINVAL, std::string(argv[optind - 1]) + ": no such option"};
        }
    }
    if (optind < argc)
        return Error{WSE_EINVAL, std::string(argv[optind]) + ": wsed takes options only"};
    return line;
}

}  // namespace wse::server
