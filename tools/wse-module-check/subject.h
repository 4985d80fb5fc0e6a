// SPDX-License-Identifier: MIT
// The module that is checked, with the options it is checked with.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/arena.h"
#include "module/library.h"

namespace wse::check {

struct Subject {
    std::string path;
    std::unique_ptr<module::Library> library;
    config::Arena arena;
    void *config = nullptr;
    std::string offer;  // what a client says to a transform; empty: nothing of itself

    const wse_module_def &def() const { return library->descriptor().def; }
    const module::Descriptor &descriptor() const { return library->descriptor(); }
};

// Loads it as the server would. The error is the server's refusal.
Result<Subject> load_subject(const std::string &path);

// Fills its config from the section [module.X] of a TOML file: the one called as the module is, or
// the only one; the `load` in it does not count. Without a file: from the defaults.
Result<void> read_options(Subject &subject, const std::string &file);

// Fills its offer from a file that holds a JSON object.
Result<void> read_offer(Subject &subject, const std::string &file);

}  // namespace wse::check
