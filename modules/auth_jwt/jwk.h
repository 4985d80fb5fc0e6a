// SPDX-License-Identifier: MIT
// One key of a JWK Set (RFC 7517), made into one of OpenSSL's.
#pragma once

#include <cjson/cJSON.h>

#include <cstdint>
#include <string>

#include "jws/algorithm.h"
#include "jws/key.h"

namespace wse::auth_jwt {

// What comes over the network may hold no secret: everybody who asks would have it.
enum class Origin { kFile, kUrl };

// The secret is cleansed when it goes.
struct Jwk {
    std::string id;      // kid; empty: it has none
    jws::Key key;        // null for a secret
    std::string secret;  // empty for a key pair's public half

    Jwk() = default;
    Jwk(const Jwk &) = delete;
    Jwk &operator=(const Jwk &) = delete;
    ~Jwk();

    // The key is of the algorithm's type, curve and size, and made for it where it says so. An
    // algorithm that fits no key of this kind can never be taken for another one's.
    bool fits(const jws::Algorithm &algorithm) const;

    uint32_t algorithms = 0;  // bits by place in jws::algorithms()
};

// Null: `ret`, a fresh one, is a key for signatures. Else why it is none, a few words without
// anything that stands in it. x5c, x5t and x5u are not looked at.
const char *read_jwk(const cJSON *node, Origin origin, Jwk &ret);

}  // namespace wse::auth_jwt
