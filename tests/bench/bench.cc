// SPDX-License-Identifier: MIT
#include "bench/bench.h"

#include <time.h>

#include <algorithm>

namespace wse::bench {
namespace {

// The sum that getrusage tells, without being rounded to microseconds.
uint64_t cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

void Stopwatch::start() {
    started_ns_ = cpu_ns();
}

void Stopwatch::stop() {
    elapsed_ns_ += cpu_ns() - started_ns_;
}

Figure measure(const Case &each, uint32_t rounds) {
    Figure figure;
    std::vector<double> times;
    for (uint32_t i = 0; i < rounds; ++i) {
        const auto round = each.prepare();
        Stopwatch watch;
        figure.units = round->run(watch);
        times.push_back(static_cast<double>(watch.elapsed_ns()) /
                        static_cast<double>(std::max<uint64_t>(figure.units, 1)));
    }
    std::sort(times.begin(), times.end());
    figure.fastest_ns = times.front();
    figure.median_ns = times[times.size() / 2];
    figure.slowest_ns = times.back();
    return figure;
}

}  // namespace wse::bench
