// SPDX-License-Identifier: MIT
// Keys of JWS: read from PEM files, and judged whether they fit an algorithm.
// A problem is a sentence without the name of the option, empty when there is none; it never holds
// key material.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "jws/algorithm.h"

namespace wse::jws {

struct FreeKey {
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

struct ReadKey {
    Key key;              // null when there is a problem
    std::string problem;  // names the file
};

ReadKey read_public_key(const std::string &path);
// An encrypted key is a problem: nobody is asked for a passphrase.
ReadKey read_private_key(const std::string &path);

// Too short, or a PEM key that somebody took for a secret.
std::string secret_problem(const Algorithm &algorithm, std::string_view secret);
// Wrong type, wrong curve, or too small.
std::string key_problem(const Algorithm &algorithm, const EVP_PKEY *key);

// The algorithm that a key without further word is used with; null for a type we do not speak.
const Algorithm *default_algorithm(const EVP_PKEY *key);

}  // namespace wse::jws
