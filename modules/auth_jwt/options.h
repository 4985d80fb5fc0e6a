// SPDX-License-Identifier: MIT
// The options of auth_jwt, as the server fills them in.
#pragma once

#include <string>

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
    // Of issuers whose keys come from elsewhere.
    wse_pairs issuers;       // issuer = place of its JWK Set; none: the keys above are used
    wse_strings algorithms;  // none: whatever fits the keys
    const char *ca_file;     // null: the authorities of the system
    int32_t plain_http;
    int64_t jwks_refresh_ms;
    int64_t jwks_cooldown_ms;
    int64_t jwks_max_stale_ms;
    int64_t jwks_timeout_ms;
};

extern const wse_option kOptions[];

// [main] One sentence about the first option that does not go with the others, or empty. The keys
// are judged elsewhere: keyring.h, issuers.h.
std::string option_problem(const Config &config);

inline bool has_issuers(const Config &config) {
    return config.issuers.count > 0;
}

// Without issuers: the one that a token may be signed with.
const jws::Algorithm &algorithm_of(const Config &config);
// Whether a token may be signed with it.
bool may_sign(const Config &config, const jws::Algorithm &algorithm);

}  // namespace wse::auth_jwt
