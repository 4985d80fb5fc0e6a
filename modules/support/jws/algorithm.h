// SPDX-License-Identifier: MIT
// The signature algorithms of RFC 7518 and RFC 8037 that we speak. There is no entry for "none".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wse::jws {

enum class KeyKind { kSecret, kRsa, kEc, kEd25519 };

struct Curve {
    const char *name;   // as in RFC 7518 section 6.2.1.1
    const char *group;  // OpenSSL's name
    size_t octets;      // of a coordinate, and of r and s of a signature
};

inline constexpr size_t kMaxCurveOctets = 66;

struct Algorithm {
    const char *name;    // as it stands in the header member "alg", case matters
    const char *digest;  // OpenSSL's name; null: the algorithm brings its own
    KeyKind key;
    bool pss;
    size_t min_secret;   // bytes; RFC 7518 section 3.2: as long as the digest
    const Curve *curve;  // of kEc: each algorithm has its own
};

// The names in the order of algorithms(), for an option of type WSE_OPT_ENUM.
inline constexpr const char *kAlgorithmChoices =
    "HS256|HS384|HS512|RS256|RS384|RS512|PS256|PS384|PS512|ES256|ES384|ES512|EdDSA";

std::span<const Algorithm> algorithms();

// Null for a name that is not there.
const Algorithm *find_algorithm(std::string_view name);

}  // namespace wse::jws
