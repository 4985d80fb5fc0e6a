// SPDX-License-Identifier: MIT
// The binder: an option table (wse_option, <wse/module.h>) says which keys a section has and where
// in a struct each value goes. The core's own sections and the modules' options take this one way.
#pragma once

#include <cstdint>

#include <wse/module.h>

#include "base/result.h"
#include "config/arena.h"
#include "config/diagnostics.h"

namespace wse::config {

class Loaded;

struct OptionTable {
    const wse_option *rows = nullptr;        // up to the row without a name; null: no options
    uint32_t row_size = sizeof(wse_option);  // distance of rows; a newer module's are longer
    uint64_t config_size = 0;                // of the struct that is filled
};

// Is the table itself sound? Types and flags known, members aligned and inside the struct, names
// unique and not the core's own `load`, bounds in order, fallbacks readable. Before bind_module.
// `groups`: names may have one dot, see group_of(); for the core's tables alone.
Result<void> check_table(const OptionTable &table, bool groups = false);

// Fills the zeroed `config` (config_size bytes, aligned for any type) from the [module.X] section
// number `module_index` of loaded.settings().modules. Strings and lists live in `arena`, which the
// caller keeps as long as `config`. Every problem goes to `diagnostics` with its place; false when
// there was an error. The table has passed check_table.
bool bind_module(const Loaded &loaded, size_t module_index, const OptionTable &table, void *config,
                 Arena &arena, Diagnostics &diagnostics);

}  // namespace wse::config
