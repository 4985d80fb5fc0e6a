// SPDX-License-Identifier: MIT
// Reading a configuration: files with their includes, environment, -g, and what they came to.
// Precedence: default < file < environment < -g. [main]
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/bind.h"
#include "config/diagnostics.h"
#include "config/settings.h"

namespace wse::config {

struct LoadRequest {
    std::string path;                    // of the main file
    std::vector<std::string> overrides;  // -g, each a line of TOML: listen.main.path="/ws"
    std::string module_dir;              // where a relative `load` looks
    std::function<const char *(const char *)> getenv;  // empty: the process's environment
};

struct Document;

// One reading of the configuration. Immutable, movable; locations point into it.
class Loaded {
public:
    Loaded();
    ~Loaded();
    Loaded(Loaded &&) noexcept;
    Loaded &operator=(Loaded &&) noexcept;

    // Complete and checked when load() reported no error; else a part, good for nothing but -T.
    const Settings &settings() const;
    // Of the section [module.X], and of its `load` when it has one: for problems that only the
    // module loader finds (the file is missing, the ABI differs, the module's check refuses).
    Location module_location(size_t module_index) const;
    Location load_location(size_t module_index) const;
    // Of the section [listen.X] of settings().listeners.
    Location listen_location(size_t listener_index) const;
    // Of file `item` of a key of its `tls`.
    Location tls_location(size_t listener_index, const char *key, size_t item) const;
    // Of its `auth`, or of the section when it has none.
    Location auth_location(size_t listener_index) const;
    // Of `snapshot` in the [[topic]] of settings().topics, or of the row when it has none.
    Location snapshot_location(size_t topic_index) const;
    // Likewise of `ask`.
    Location ask_location(size_t topic_index) const;

    // Of `scope` in the [[topic]] of settings().topics; nothing when the row has none.
    std::optional<Location> scope_location(size_t topic_index) const;

    const Document &document() const { return *document_; }

private:
    friend Loaded load(const LoadRequest &, Diagnostics &);
    std::unique_ptr<Document> document_;
};

// Never fails as such: look at diagnostics.ok().
Loaded load(const LoadRequest &request, Diagnostics &diagnostics);

// The options of one loaded module, for dump().
struct ModuleTable {
    size_t module_index = 0;
    OptionTable table;
};

// The whole effective configuration as TOML that loads again, each value with a comment that says
// where it came from: default, file:line, environment NAME, -g. Secrets read "***". A module
// without a table here is shown as the file has it, with its values withheld.
std::string dump(const Loaded &loaded, std::span<const ModuleTable> modules);

}  // namespace wse::config
