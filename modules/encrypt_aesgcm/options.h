// SPDX-License-Identifier: MIT
// The options of encrypt_aesgcm, as the server fills them in.
#pragma once

#include <cstdint>

namespace wse::encrypt_aesgcm {

struct Config {
    int64_t rotation_interval_ms;  // between two rotations of a session
};

}  // namespace wse::encrypt_aesgcm
