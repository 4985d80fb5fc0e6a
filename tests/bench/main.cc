// SPDX-License-Identifier: MIT
//     wse-hub-bench [--json] [--rounds N] [NAME...]
//
// Runs the cases whose names begin with one of NAME, all of them without any, and prints a line for
// each. Directories are made below $TMPDIR, else /tmp, and removed. docs/benchmarks.md says what
// the cases measure.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/json_writer.h"
#include "base/log.h"
#include "bench/bench.h"

namespace wse::bench {
namespace {

struct Options {
    bool json = false;
    uint32_t rounds = 5;
    std::vector<std::string_view> names;
};

// False: not understood.
bool parse(int argc, char **argv, Options &ret_options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--json") {
            ret_options.json = true;
        } else if (word == "--rounds" && i + 1 < argc) {
            ret_options.rounds = static_cast<uint32_t>(std::strtoul(argv[++i], nullptr, 10));
        } else if (word.starts_with('-')) {
            return false;
        } else {
            ret_options.names.push_back(word);
        }
    }
    return ret_options.rounds > 0;
}

bool is_wanted(const Options &options, std::string_view name) {
    for (const auto &prefix : options.names) {
        if (name.starts_with(prefix)) return true;
    }
    return options.names.empty();
}

double bytes_per_second(const Case &each, const Figure &figure) {
    return static_cast<double>(each.unit_bytes) * 1e9 / figure.median_ns;
}

void print_line(const Case &each, const Figure &figure) {
    const double spread = (figure.slowest_ns - figure.fastest_ns) / figure.median_ns * 100;
    std::printf("%-28s %9llu %-10s %12.1f ns  +-%3.0f%% %12.0f /s", each.name.c_str(),
                static_cast<unsigned long long>(figure.units), each.unit.c_str(), figure.median_ns,
                spread / 2, 1e9 / figure.median_ns);
    if (each.unit_bytes > 0) std::printf(" %8.0f MB/s", bytes_per_second(each, figure) / 1e6);
    std::printf("\n");
}

// One object a line.
void print_json(const Case &each, const Figure &figure) {
    JsonWriter out;
    out.begin_object().member("name", each.name).member("unit", each.unit);
    out.member("units", figure.units).member("cpu_ns", figure.median_ns);
    out.member("fastest_ns", figure.fastest_ns).member("slowest_ns", figure.slowest_ns);
    out.member("per_second", 1e9 / figure.median_ns);
    if (each.unit_bytes > 0) out.member("bytes_per_second", bytes_per_second(each, figure));
    std::printf("%s\n", out.end_object().take().c_str());
}

int run(const Options &options) {
    log::set_level(log::Level::kWarn);
    std::vector<Case> cases;
    add_publish_cases(cases);
    add_append_cases(cases);
    add_load_cases(cases);
    add_recovery_cases(cases);
    add_session_cases(cases);
    add_fanout_cases(cases);
    add_transform_cases(cases);
    add_wire_cases(cases);
    bool any = false;
    for (const auto &each : cases) {
        if (!is_wanted(options, each.name)) continue;
        any = true;
        const Figure figure = measure(each, options.rounds);
        options.json ? print_json(each, figure) : print_line(each, figure);
        std::fflush(stdout);
    }
    if (!any) std::fprintf(stderr, "wse-hub-bench: no case has such a name\n");
    return any ? 0 : 1;
}

}  // namespace
}  // namespace wse::bench

int main(int argc, char **argv) {
    wse::bench::Options options;
    if (!wse::bench::parse(argc, argv, options)) {
        std::fprintf(stderr, "usage: wse-hub-bench [--json] [--rounds N] [NAME...]\n");
        return 2;
    }
    return wse::bench::run(options);
}
