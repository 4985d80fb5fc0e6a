// SPDX-License-Identifier: MIT
// One thing that is tried with a module, in a process of its own: a crash or a hang is a finding
// that names the function, and the next trial begins afresh.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report.h"

namespace wse::check {

// In the process of the trial. [one thread]
class Notes {
public:
    explicit Notes(int pipe) : pipe_(pipe) {}
    // A sentence, sent at once: what comes later may crash.
    void find(const std::string &sentence);
    // Which function of the module is called next; "": none.
    static void enter(const char *function);
    static std::string current();

private:
    int pipe_;
};

struct Trial {
    std::string name;
    std::function<void(Notes &)> run;
};

// Runs it in a child process, at most for `seconds`. What it found, said in terms of the module;
// `during` (" when its 3rd allocation fails") follows the name of a function that crashed.
std::vector<Finding> run_trial(const Trial &trial, int seconds, const std::string &during = {});

}  // namespace wse::check
