// SPDX-License-Identifier: MIT
// What the parts of one instance have in common. It outlives them.
#pragma once

#include <uv.h>

#include <string>

#include <wse/module.h>

namespace wse::backplane_redis::parts {

struct Site {
    const wse_host *host = nullptr;
    wse_loop *loop = nullptr;  // the service loop, on which everything is called
    uv_loop_t *uv = nullptr;   // the same
    std::string prefix;        // of keys and channels
    std::string host_id;       // 16 hexadecimal digits, of this start of the process

    // A key that no shard has, in the slot of all such keys.
    std::string key(const std::string &name) const { return '{' + prefix + "}:" + name; }
};

}  // namespace wse::backplane_redis::parts
