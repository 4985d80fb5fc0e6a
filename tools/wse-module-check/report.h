// SPDX-License-Identifier: MIT
// What wse-module-check has to say of a module.
#pragma once

#include <string>
#include <vector>

namespace wse::check {

struct Finding {
    std::string trial;  // "lifecycle": what was tried
    std::string text;   // a sentence
};

struct Report {
    std::string file;
    std::string module;  // its own name and version, and its kind; empty: it was refused
    std::string version;
    std::string kind;
    std::vector<Finding> findings;
    std::vector<std::string> skipped;  // trials that could not be made, and why

    // Each sentence once: the first trial that finds it is enough.
    void add(Finding finding);
    std::string text() const;
    std::string json() const;
};

}  // namespace wse::check
