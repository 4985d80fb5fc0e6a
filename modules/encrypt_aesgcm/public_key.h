// SPDX-License-Identifier: MIT
// The public half of a key exchange as it stands in a hello: base64, padded, of the uncompressed
// point on P-256.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace wse::encrypt_aesgcm {

struct FreeKey {
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
};
using PublicKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// Null for everything but the one spelling of a point that is on the curve and not at infinity: a
// key off the curve would tell its sender, bit by bit, what ours is.
PublicKey read_public_key(std::string_view text);

// Empty when OpenSSL does not give it.
std::string write_public_key(EVP_PKEY *key);

}  // namespace wse::encrypt_aesgcm
