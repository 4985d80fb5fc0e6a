// SPDX-License-Identifier: MIT
// Everything one reading of the configuration holds: its sources, the merged tree, and what they
// came to. Filled by read.cc and settings.cc, constant afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/settings.h"
#include "config/tree.h"

namespace wse::config {

struct Document {
    std::vector<std::unique_ptr<Source>> sources;  // places point at them
    Value root;                                    // all files and -g merged
    std::string directory;                         // of the main file, absolute
    std::string module_dir;
    std::function<const char *(const char *)> getenv;
    bool readable = false;  // the main file was
    bool complete = true;   // false: a syntax error took something out, so nothing is "missing"

    Settings settings;
    // Beside the entries of settings with the same index.
    std::vector<Location> listen_at;
    std::vector<Location> module_at;
    std::vector<Location> load_at;
    std::vector<Location> snapshot_at;  // of topics

    const Source *main() const { return sources.front().get(); }
    const Source *add_source(Source::Kind kind, std::string name, std::string text);
    // An environment variable that is set to something, or null.
    const char *environment(const char *name) const;
};

}  // namespace wse::config
