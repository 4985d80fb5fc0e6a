// SPDX-License-Identifier: MIT
// Makes tokens in the compact serialization of RFC 7515.
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>

#include "jws/algorithm.h"

namespace wse::jws {

// One of the two, as the algorithm needs it; it fits (see key.h). Borrowed.
struct SigningKey {
    std::string_view secret;
    EVP_PKEY *key = nullptr;
};

// header.payload.signature. The header is the caller's, "alg" included. Empty when OpenSSL fails.
std::optional<std::string> sign_compact(const Algorithm &algorithm, const SigningKey &key,
                                        std::string_view header, std::string_view payload);

}  // namespace wse::jws
