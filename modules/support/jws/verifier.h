// SPDX-License-Identifier: MIT
// Checks signatures with one key. Keeps its OpenSSL contexts, which makes HS256 three times as fast
// as one-shot calls, and therefore belongs to one thread.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "jws/algorithm.h"

namespace wse::jws {

class Verifier {
public:
    // The key fits the algorithm: secret_problem() and key_problem() have been asked. Null when
    // OpenSSL has no such algorithm or no memory. The secret is copied into OpenSSL's context,
    // which cleanses it; the key is counted.
    static std::unique_ptr<Verifier> for_secret(const Algorithm &algorithm,
                                                std::string_view secret);
    static std::unique_ptr<Verifier> for_key(const Algorithm &algorithm, EVP_PKEY *key);

    // `signature` is raw, as decoded from the token. The comparison of a MAC takes the same time
    // wherever it differs.
    bool verify(std::string_view input, std::string_view signature);

private:
    struct Free {
        void operator()(EVP_MAC_CTX *context) const { EVP_MAC_CTX_free(context); }
        void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    };

    explicit Verifier(const Algorithm &algorithm) : algorithm_(algorithm) {}
    bool verify_mac(std::string_view input, std::string_view signature);
    bool verify_key(std::string_view input, std::string_view signature);

    const Algorithm &algorithm_;
    std::unique_ptr<EVP_MAC_CTX, Free> mac_;      // keyed, reset for each message
    std::unique_ptr<EVP_MD_CTX, Free> prepared_;  // keyed and never fed
    std::unique_ptr<EVP_MD_CTX, Free> scratch_;   // its copy for one message
};

}  // namespace wse::jws
