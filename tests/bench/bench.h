// SPDX-License-Identifier: MIT
// The frame of the benchmarks: what a case is, and how it is measured. Time is CPU time of the
// process, so that what else the machine does costs accuracy and not the result. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wse::bench {

// Sums the CPU time, of user and kernel, between start() and stop().
class Stopwatch {
public:
    void start();
    void stop();
    uint64_t elapsed_ns() const { return elapsed_ns_; }

private:
    uint64_t started_ns_ = 0;
    uint64_t elapsed_ns_ = 0;
};

// One round. What it needs is made before run() and destroyed after it, both unmeasured.
class Round {
public:
    virtual ~Round() = default;
    // Returns how many units were done while the watch ran.
    virtual uint64_t run(Stopwatch &watch) = 0;
};

struct Case {
    std::string name;
    std::string unit;         // what is counted
    uint64_t unit_bytes = 0;  // 0: throughput in bytes says nothing
    std::function<std::unique_ptr<Round>()> prepare;
};

struct Figure {
    uint64_t units = 0;  // of one round
    double median_ns = 0;
    double fastest_ns = 0;
    double slowest_ns = 0;
};

Figure measure(const Case &each, uint32_t rounds);

// Adds the cases of one file.
void add_publish_cases(std::vector<Case> &cases);
void add_append_cases(std::vector<Case> &cases);
void add_load_cases(std::vector<Case> &cases);
void add_recovery_cases(std::vector<Case> &cases);
void add_session_cases(std::vector<Case> &cases);
void add_fanout_cases(std::vector<Case> &cases);
void add_transform_cases(std::vector<Case> &cases);
void add_wire_cases(std::vector<Case> &cases);

}  // namespace wse::bench
