// SPDX-License-Identifier: MIT
// The options of auth_token_file, as the server fills them in.
#pragma once

#include <cstdint>

namespace wse::auth_token_file {

struct Config {
    const char *file;           // the server's, lives until destroy
    int64_t check_interval_ms;  // between two looks at the file
};

}  // namespace wse::auth_token_file
