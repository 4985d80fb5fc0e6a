// SPDX-License-Identifier: MIT
// What the header and the claims of a token must say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "options.h"
#include "reason.h"

namespace wse::auth_jwt {

struct Header {
    bool key_id_matches = false;  // also when no key_id is configured
};

// kNone, kMalformed, kAlgorithm or kCritical. Whatever else stands there (jwk, jku, x5c, x5u, typ)
// is not looked at: keys come from the configuration alone (RFC 8725 section 3.10).
Reason judge_header(const Config &config, std::string_view json, Header &ret);

struct Claims {
    std::string user;
    uint64_t expires_ms = 0;  // leeway included
};

// Only for a payload whose signature was good. `ret` is untouched unless the answer is kNone.
Reason judge_claims(const Config &config, std::string_view json, uint64_t now_ms, Claims &ret);

}  // namespace wse::auth_jwt
