// SPDX-License-Identifier: MIT
#include "claims.h"

#include "strict_json/strict_json.h"
#include "strict_json/text.h"

namespace wse::auth_jwt {
namespace {

using strict_json::member;
using strict_json::Object;
using strict_json::string_of;

bool names_audience(const cJSON *aud, std::string_view wanted) {
    if (!cJSON_IsArray(aud)) return string_of(aud) == wanted;
    const cJSON *item = nullptr;
    cJSON_ArrayForEach(item, aud) {
        if (string_of(item) == wanted) return true;
    }
    return false;
}

Reason judge_times(const Config &config, const Object &claims, uint64_t now_ms,
                   uint64_t &ret_expires_ms) {
    const auto leeway_ms = static_cast<uint64_t>(config.leeway_ms);
    const std::optional<uint64_t> exp = strict_json::date_ms(member(claims, "exp"));
    if (!exp) return Reason::kClaims;
    if (now_ms >= *exp + leeway_ms) return Reason::kExpired;
    if (const cJSON *nbf = member(claims, "nbf")) {
        const std::optional<uint64_t> begin = strict_json::date_ms(nbf);
        if (!begin) return Reason::kClaims;
        if (now_ms + leeway_ms < *begin) return Reason::kNotYetValid;
    }
    ret_expires_ms = *exp + leeway_ms;
    return Reason::kNone;
}

}  // namespace

Reason judge_header(const Config &config, std::string_view json, Header &ret) {
    const Object header = strict_json::parse_object(json);
    if (!header) return Reason::kMalformed;
    // The algorithm is ours to choose, never the token's: it may only agree.
    ret.algorithm = jws::find_algorithm(string_of(member(header, "alg")));
    if (!ret.algorithm || !may_sign(config, *ret.algorithm)) return Reason::kAlgorithm;
    // We understand no extension, and crit lists those that must be understood (RFC 7515 4.1.11).
    if (member(header, "crit")) return Reason::kCritical;
    if (const cJSON *kid = member(header, "kid")) ret.key_id = string_of(kid);
    return Reason::kNone;
}

bool read_issuer(std::string_view json, std::string &ret) {
    const Object claims = strict_json::parse_object(json);
    if (claims) ret = string_of(member(claims, "iss"));
    return claims != nullptr;
}

Reason judge_claims(const Config &config, std::string_view json, uint64_t now_ms, Claims &ret) {
    const Object claims = strict_json::parse_object(json);
    if (!claims) return Reason::kMalformed;
    uint64_t expires_ms = 0;
    const Reason times = judge_times(config, claims, now_ms, expires_ms);
    if (times != Reason::kNone) return times;
    if (config.issuer && string_of(member(claims, "iss")) != config.issuer) return Reason::kIssuer;
    if (config.audience && !names_audience(member(claims, "aud"), config.audience))
        return Reason::kAudience;
    const std::string_view user = string_of(member(claims, "sub"));
    if (!strict_json::is_user(user)) return Reason::kClaims;
    ret.user = user;
    ret.expires_ms = expires_ms;
    return Reason::kNone;
}

}  // namespace wse::auth_jwt
