// SPDX-License-Identifier: MIT
#include "jws/verifier.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <string>

namespace wse::jws {
namespace {

struct Free {
    void operator()(EVP_MAC *mac) const { EVP_MAC_free(mac); }
    void operator()(ECDSA_SIG *signature) const { ECDSA_SIG_free(signature); }
};

const unsigned char *octets(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

// JWS writes r and s side by side (RFC 7518 section 3.4), OpenSSL reads them as DER.
bool curve_to_der(const Curve &curve, std::string_view raw, std::string &ret) {
    if (raw.size() != 2 * curve.octets) return false;
    const int half = static_cast<int>(curve.octets);
    const std::unique_ptr<ECDSA_SIG, Free> signature(ECDSA_SIG_new());
    BIGNUM *r = BN_bin2bn(octets(raw), half, nullptr);
    BIGNUM *s = BN_bin2bn(octets(raw) + half, half, nullptr);
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return false;
    }
    unsigned char der[2 * kMaxCurveOctets + 16];
    unsigned char *end = der;
    if (i2d_ECDSA_SIG(signature.get(), nullptr) > static_cast<int>(sizeof der)) return false;
    const int length = i2d_ECDSA_SIG(signature.get(), &end);
    if (length <= 0) return false;
    ret.assign(reinterpret_cast<char *>(der), static_cast<size_t>(length));
    return true;
}

}  // namespace

std::unique_ptr<Verifier> Verifier::for_secret(const Algorithm &algorithm,
                                               std::string_view secret) {
    std::unique_ptr<Verifier> verifier(new Verifier(algorithm));
    const std::unique_ptr<EVP_MAC, wse::jws::Free> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    if (!mac) return nullptr;
    verifier->mac_.reset(EVP_MAC_CTX_new(mac.get()));
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char *>(algorithm.digest), 0),
        OSSL_PARAM_construct_end(),
    };
    if (!verifier->mac_ ||
        EVP_MAC_init(verifier->mac_.get(), octets(secret), secret.size(), params) != 1)
        return nullptr;
    return verifier;
}

std::unique_ptr<Verifier> Verifier::for_key(const Algorithm &algorithm, EVP_PKEY *key) {
    std::unique_ptr<Verifier> verifier(new Verifier(algorithm));
    verifier->prepared_.reset(EVP_MD_CTX_new());
    verifier->scratch_.reset(EVP_MD_CTX_new());
    if (!verifier->prepared_ || !verifier->scratch_) return nullptr;
    EVP_PKEY_CTX *parameters = nullptr;  // owned by the digest context
    if (EVP_DigestVerifyInit_ex(verifier->prepared_.get(), &parameters, algorithm.digest, nullptr,
                                nullptr, key, nullptr) != 1)
        return nullptr;
    // RFC 7518 section 3.5: the salt is as long as the digest. OpenSSL would take any length.
    if (algorithm.pss &&
        (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
        return nullptr;
    return verifier;
}

bool Verifier::verify(std::string_view input, std::string_view signature) {
    return mac_ ? verify_mac(input, signature) : verify_key(input, signature);
}

bool Verifier::verify_mac(std::string_view input, std::string_view signature) {
    unsigned char expected[EVP_MAX_MD_SIZE];
    size_t length = 0;
    const bool computed = EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&
                          EVP_MAC_update(mac_.get(), octets(input), input.size()) == 1 &&
                          EVP_MAC_final(mac_.get(), expected, &length, sizeof expected) == 1;
    const bool equal = computed && signature.size() == length &&
                       CRYPTO_memcmp(expected, signature.data(), length) == 0;
    // Whoever reads it could make this very token valid.
    OPENSSL_cleanse(expected, sizeof expected);
    return equal;
}

bool Verifier::verify_key(std::string_view input, std::string_view signature) {
    std::string der;
    if (algorithm_.curve) {
        if (!curve_to_der(*algorithm_.curve, signature, der)) return false;
        signature = der;
    }
    const bool valid = EVP_MD_CTX_copy_ex(scratch_.get(), prepared_.get()) == 1 &&
                       EVP_DigestVerify(scratch_.get(), octets(signature), signature.size(),
                                        octets(input), input.size()) == 1;
    // A refused signature leaves a note in the thread's error queue, which is not ours alone.
    ERR_clear_error();
    return valid;
}

}  // namespace wse::jws
