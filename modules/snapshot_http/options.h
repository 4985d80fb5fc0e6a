// SPDX-License-Identifier: MIT
// The options of snapshot_http, as the server fills them in. Strings live until destroy.
#pragma once

#include <wse/module.h>

namespace wse::snapshot_http {

enum Method : int32_t { kGet, kPost };  // as in the option's choices

struct Config {
    const char *url;
    int32_t method;
    int32_t per_user;
    wse_pairs headers;
    const char *ca_file;  // null: the authorities of the system
    int64_t timeout_ms;
    int64_t limit;
    int64_t max_requests;
    int64_t cache;
    const char *type;  // null: the usual
};

extern const wse_option kOptions[];

}  // namespace wse::snapshot_http
