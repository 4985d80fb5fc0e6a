// SPDX-License-Identifier: MIT
// The options of auth_http, as the server fills them in. Strings live until destroy.
#pragma once

#include <wse/module.h>

namespace wse::auth_http {

struct Config {
    const char *url;
    wse_pairs headers;
    wse_strings request_headers;
    const char *ca_file;  // null: the authorities of the system
    int32_t plain_http;
    int64_t timeout_ms;
    int64_t limit;
    int64_t max_requests;  // of all loops
    int64_t cache_ttl_ms;  // 0: nothing is kept
    int64_t cache_size;    // of all loops
};

extern const wse_option kOptions[];

}  // namespace wse::auth_http
