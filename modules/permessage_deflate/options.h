// SPDX-License-Identifier: MIT
// The options of permessage_deflate, as the server fills them in.
#pragma once

#include <cstdint>

#include <wse/module.h>

namespace wse::permessage_deflate {

struct Config {
    int32_t context_takeover;
    int64_t threshold;
    int64_t level;
    int64_t window_bits;
    int64_t memory_level;
};

}  // namespace wse::permessage_deflate
