// SPDX-License-Identifier: MIT
// The signature algorithms of RFC 7518 and RFC 8037 that we speak. There is no entry for "none".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wse::jws {

enum class KeyKind { kSecret, kRsa, kP256, kEd25519 };

struct Algorithm {
    const char *name;    // as it stands in the header member "alg", case matters
    const char *digest;  // OpenSSL's name; null: the algorithm brings its own
    KeyKind key;
    bool pss;
    size_t min_secret;  // bytes; RFC 7518 section 3.2: as long as the digest
};

// The names in the order of algorithms(), for an option of type WSE_OPT_ENUM.
inline constexpr const char *kAlgorithmChoices = "HS256|HS384|HS512|RS256|PS256|ES256|EdDSA";

std::span<const Algorithm> algorithms();

// Null for a name that is not there.
const Algorithm *find_algorithm(std::string_view name);

}  // namespace wse::jws
