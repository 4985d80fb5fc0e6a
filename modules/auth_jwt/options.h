// SPDX-License-Identifier: MIT
// The options of auth_jwt, as the server fills them in.
#pragma once

#include <wse/module.h>

#include "jws/algorithm.h"

namespace wse::auth_jwt {

// Strings are the server's and live until destroy; null when the option is absent.
struct Config {
    const char *secret;
    const char *previous_secret;
    const char *public_key;
    const char *previous_public_key;
    int32_t algorithm;  // place in jws::algorithms()
    const char *issuer;
    const char *audience;
    const char *key_id;
    int64_t leeway_ms;
    int64_t max_token;
};

extern const wse_option kOptions[];

const jws::Algorithm &algorithm_of(const Config &config);

}  // namespace wse::auth_jwt
