// SPDX-License-Identifier: MIT
// Why a token was refused. One table gives the counters, their help and the word in the log; the
// client is told none of it, but that it may try again where the reason is not in the token.
#pragma once

#include <cstddef>

namespace wse::auth_jwt {

#define WSE_JWT_REFUSALS(X)                                                       \
    X(kMissing, "missing", "connections without a token")                         \
    X(kTooLarge, "too_large", "tokens over max_token")                            \
    X(kMalformed, "malformed", "tokens that are no JWT, or whose JSON is broken") \
    X(kAlgorithm, "algorithm", "tokens of another algorithm than may be")         \
    X(kCritical, "critical", "tokens with the header member crit")                \
    X(kKeyId, "key_id", "tokens whose kid is not key_id, or not the issuer's")    \
    X(kNoKeys, "no_keys", "tokens whose issuer's keys are not to be had for now") \
    X(kSignature, "signature", "tokens signed with another key, or altered")      \
    X(kExpired, "expired", "tokens past their exp")                               \
    X(kNotYetValid, "not_yet_valid", "tokens before their nbf")                   \
    X(kIssuer, "issuer", "tokens of another issuer")                              \
    X(kAudience, "audience", "tokens for another audience")                       \
    X(kClaims, "claims", "tokens without a usable sub, exp or nbf")

enum class Reason {
    kNone,  // accepted
#define WSE_X(id, word, help) id,
    WSE_JWT_REFUSALS(WSE_X)
#undef WSE_X
};

struct ReasonText {
    const char *word;  // in the log
    const char *counter;
    const char *help;
};

#define WSE_X(id, word, help) {word, "refused_" word, help},
inline constexpr ReasonText kReasons[] = {{"none", "accepted", "tokens accepted"},
                                          WSE_JWT_REFUSALS(WSE_X)};
#undef WSE_X
inline constexpr size_t kReasonCount = sizeof kReasons / sizeof kReasons[0];

}  // namespace wse::auth_jwt
