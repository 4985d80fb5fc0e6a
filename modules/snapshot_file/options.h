// SPDX-License-Identifier: MIT
// The options of snapshot_file, as the server fills them in. Strings live until destroy.
#pragma once

#include <cstdint>

namespace wse::snapshot_file {

struct Config {
    const char *directory;
    const char *suffix;
    int64_t limit;
    int64_t cache;
    int64_t check_interval_ms;
    const char *type;  // null: the usual
};

}  // namespace wse::snapshot_file
