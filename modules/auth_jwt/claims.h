// SPDX-License-Identifier: MIT
// What the header and the claims of a token must say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "options.h"
#include "reason.h"

namespace wse::auth_jwt {

struct Header {
    const jws::Algorithm *algorithm = nullptr;  // of kNone
    std::optional<std::string> key_id;          // kid; empty where it is no text
};

// kNone, kMalformed, kAlgorithm or kCritical. Whatever else stands there (jwk, jku, x5c, x5u, typ)
// is not looked at: where keys come from, the configuration says alone (RFC 8725 section 3.10).
Reason judge_header(const Config &config, std::string_view json, Header &ret);

// The claim iss, which is not believed yet: it says whose keys must fit. False: no such claims.
bool read_issuer(std::string_view json, std::string &ret);

struct Claims {
    std::string user;
    uint64_t expires_ms = 0;  // leeway included
};

// Only for a payload whose signature was good. `ret` is untouched unless the answer is kNone.
Reason judge_claims(const Config &config, std::string_view json, uint64_t now_ms, Claims &ret);

}  // namespace wse::auth_jwt
