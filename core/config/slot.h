// SPDX-License-Identifier: MIT
// One option's value: from the tree into the member of the struct, and back to text for -T.
#pragma once

#include <string>

#include <wse/module.h>

#include "config/arena.h"
#include "config/tree.h"

namespace wse::config {

// Why a value does not fit, and what to do about it. An empty message: it fits.
struct Misfit {
    std::string message;  // continues "<section>.<key>"
    std::string hint;
    Location at;  // of the list item at fault, else of the value

    explicit operator bool() const { return !message.empty(); }
};

// Checks type, bounds and choices and writes the member. Strings are copied into the arena; what
// env: and file: stand for has been put in by then.
Misfit store(const wse_option &option, const Value &value, void *config, Arena &arena);

// The member as it would be written in the file; "\"***\"" for a secret that is set, empty for a
// string that is NULL.
std::string show(const wse_option &option, const void *config);

}  // namespace wse::config
