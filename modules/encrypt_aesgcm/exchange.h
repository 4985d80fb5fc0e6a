// SPDX-License-Identifier: MIT
// The key exchange of a session: a fresh key of ours on P-256, and what both sides derive from the
// two.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "public_key.h"

namespace wse::encrypt_aesgcm {

inline constexpr size_t kKeyBytes = 32;

// Wiped when destroyed.
struct Secrets {
    Secrets() = default;
    ~Secrets();
    Secrets(const Secrets &) = delete;
    Secrets &operator=(const Secrets &) = delete;

    std::array<uint8_t, kKeyBytes> cipher{};
    std::array<uint8_t, kKeyBytes> mac{};
};

// HKDF-SHA-256 of the secret that the two keys share. False when OpenSSL fails.
bool derive(EVP_PKEY *ours, EVP_PKEY *theirs, Secrets &ret);

// Makes a key, derives, and forgets its private half. WSE_EINVAL: their key is none.
int32_t exchange(std::string_view their_key, Secrets &ret, std::string &ret_our_key);

}  // namespace wse::encrypt_aesgcm
