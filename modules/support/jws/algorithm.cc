// SPDX-License-Identifier: MIT
#include "jws/algorithm.h"

namespace wse::jws {
namespace {

constexpr Algorithm kAlgorithms[] = {
    {"HS256", "SHA256", KeyKind::kSecret, false, 32},
    {"HS384", "SHA384", KeyKind::kSecret, false, 48},
    {"HS512", "SHA512", KeyKind::kSecret, false, 64},
    {"RS256", "SHA256", KeyKind::kRsa, false, 0},
    {"PS256", "SHA256", KeyKind::kRsa, true, 0},
    {"ES256", "SHA256", KeyKind::kP256, false, 0},
    {"EdDSA", nullptr, KeyKind::kEd25519, false, 0},
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
