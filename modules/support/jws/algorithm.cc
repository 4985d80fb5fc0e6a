// SPDX-License-Identifier: MIT
#include "jws/algorithm.h"

namespace wse::jws {
namespace {

constexpr Curve kP256 = {"P-256", "prime256v1", 32};
constexpr Curve kP384 = {"P-384", "secp384r1", 48};
constexpr Curve kP521 = {"P-521", "secp521r1", kMaxCurveOctets};

constexpr Algorithm kAlgorithms[] = {
    {"HS256", "SHA256", KeyKind::kSecret, false, 32, nullptr},
    {"HS384", "SHA384", KeyKind::kSecret, false, 48, nullptr},
    {"HS512", "SHA512", KeyKind::kSecret, false, 64, nullptr},
    {"RS256", "SHA256", KeyKind::kRsa, false, 0, nullptr},
    {"RS384", "SHA384", KeyKind::kRsa, false, 0, nullptr},
    {"RS512", "SHA512", KeyKind::kRsa, false, 0, nullptr},
    {"PS256", "SHA256", KeyKind::kRsa, true, 0, nullptr},
    {"PS384", "SHA384", KeyKind::kRsa, true, 0, nullptr},
    {"PS512", "SHA512", KeyKind::kRsa, true, 0, nullptr},
    {"ES256", "SHA256", KeyKind::kEc, false, 0, &kP256},
    {"ES384", "SHA384", KeyKind::kEc, false, 0, &kP384},
    {"ES512", "SHA512", KeyKind::kEc, false, 0, &kP521},
    {"EdDSA", nullptr, KeyKind::kEd25519, false, 0, nullptr},
};

}  // namespace

std::span<const Algorithm> algorithms() {
    return kAlgorithms;
}

const Algorithm *find_algorithm(std::string_view name) {
    for (const Algorithm &algorithm : kAlgorithms) {
        if (name == algorithm.name) return &algorithm;
    }
    return nullptr;
}

}  // namespace wse::jws
