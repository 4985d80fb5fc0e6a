// SPDX-License-Identifier: MIT
// Binder: one section of the tree into one struct, by its option table. The one way for the core's
// sections and the modules'.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "config/arena.h"
#include "config/bind.h"
#include "config/document.h"
#include "config/slot.h"

namespace wse::config {

// A section as it stands in the file.
struct Place {
    std::string name;              // "listen.main", before the key in messages
    std::string header;            // "[listen.main]"
    const Value *table = nullptr;  // null: not there, all options take their defaults
    Location at;                   // what a missing key points at
    bool foreign = false;          // a module's: the core's own `load` may stand there too
    bool open = false;             // keys beyond the table are looked at elsewhere
};

// Where a value of the tree comes from: "wse.toml:3" or "-g".
std::string origin_of(const Location &at);

class Binder {
public:
    // All three outlive the binder.
    Binder(const Document &document, Arena &arena, Diagnostics &diagnostics)
        : document_(document), arena_(arena), diagnostics_(diagnostics) {}

    // `config` is zeroed. False when there was an error. `ret_origins`: per row of the table where
    // the value came from ("default", "wse.toml:3", "environment NAME", "-g"), empty for a value
    // that is not set.
    bool bind(const Place &place, const OptionTable &table, void *config,
              std::vector<std::string> *ret_origins = nullptr);

private:
    struct Given {
        bool found = false;
        Value value;
        std::string origin;
    };

    Given pick(const Place &place, const wse_option &option);
    Given from_environment(const wse_option &option, const char *text);
    void check_unknown(const Place &place, const OptionTable &table);
    void check_group(const Place &place, const OptionTable &table, const Member &group);
    void report_unknown(const Place &place, const Member &member, const std::string &header,
                        std::span<const std::string> known);
    void bind_option(const Place &place, const wse_option &option, void *config,
                     std::string &ret_origin);
    void report_missing(const Place &place, const wse_option &option);

    const Document &document_;
    Arena &arena_;
    Diagnostics &diagnostics_;
    std::deque<Source> variables_;    // of the environment, for their diagnostics
    std::vector<std::string> meant_;  // keys that a misspelt one stands for: not also missing
};

}  // namespace wse::config
