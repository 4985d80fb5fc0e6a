// SPDX-License-Identifier: MIT
// The options of snapshot_redis, as the server fills them in. Strings live until destroy.
#pragma once

#include <cstdint>

namespace wse::snapshot_redis {

enum KeyType : int32_t { kString, kHash, kList, kAuto };  // as in the option's choices

struct Config {
    const char *url;  // null: the usual place
    const char *key;
    int32_t type_of_key;
    int64_t timeout_ms;
    int64_t limit;
    const char *type;  // null: the usual
};

}  // namespace wse::snapshot_redis
