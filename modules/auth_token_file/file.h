// SPDX-License-Identifier: MIT
// Reads the token file, and tells whether it is still the one that was read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "table.h"

namespace wse::auth_token_file {

// What changes when a file is edited or replaced. The time alone does not: two writes may fall into
// one tick of the file system's clock.
struct Stamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const Stamp &) const = default;
};

struct LoadedFile {
    std::shared_ptr<const Table> table;  // null when there is a problem
    std::string problem;                 // names the file and the line
    Stamp stamp;                         // all 0 when the file could not be looked at
    bool readable_by_all = false;
};

// Blocks. [any]
LoadedFile load_file(const std::string &path);

// All 0 when there is no such file. Blocks. [any]
Stamp stamp_of(const std::string &path);

}  // namespace wse::auth_token_file
