// SPDX-License-Identifier: MIT
#include "jws/signer.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <memory>

#include "jws/base64url.h"

namespace wse::jws {
namespace {

struct Free {
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    void operator()(ECDSA_SIG *signature) const { ECDSA_SIG_free(signature); }
};

unsigned char *octets(std::string &text) {
    return reinterpret_cast<unsigned char *>(text.data());
}

const unsigned char *octets(std::string_view text) {
    return reinterpret_cast<const unsigned char *>(text.data());
}

std::optional<std::string> sign_mac(const Algorithm &algorithm, std::string_view secret,
                                    std::string_view input) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    size_t length = 0;
    if (!EVP_Q_mac(nullptr, "HMAC", nullptr, algorithm.digest, nullptr, secret.data(),
                   secret.size(), octets(input), input.size(), octets(out), out.size(), &length))
        return std::nullopt;
    out.resize(length);
    return out;
}

std::optional<std::string> curve_from_der(const Curve &curve, std::string_view der) {
    const unsigned char *at = octets(der);
    const int half = static_cast<int>(curve.octets);
    const std::unique_ptr<ECDSA_SIG, Free> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string out(2 * curve.octets, '\0');
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), octets(out), half) != half ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), octets(out) + half, half) != half)
        return std::nullopt;
    return out;
}

std::optional<std::string> sign_key(const Algorithm &algorithm, EVP_PKEY *key,
                                    std::string_view input) {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX *parameters = nullptr;  // owned by the digest context
    if (!context || EVP_DigestSignInit_ex(context.get(), &parameters, algorithm.digest, nullptr,
                                          nullptr, key, nullptr) != 1)
        return std::nullopt;
    if (algorithm.pss &&
        (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
        return std::nullopt;
    size_t length = 0;
    if (EVP_DigestSign(context.get(), nullptr, &length, octets(input), input.size()) != 1)
        return std::nullopt;
    std::string out(length, '\0');
    if (EVP_DigestSign(context.get(), octets(out), &length, octets(input), input.size()) != 1)
        return std::nullopt;
    out.resize(length);
    return algorithm.curve ? curve_from_der(*algorithm.curve, out) : std::optional(out);
}

}  // namespace

std::optional<std::string> sign_compact(const Algorithm &algorithm, const SigningKey &key,
                                        std::string_view header, std::string_view payload) {
    std::string token = encode_base64url(header) + '.' + encode_base64url(payload);
    const std::optional<std::string> signature = algorithm.key == KeyKind::kSecret
                                                     ? sign_mac(algorithm, key.secret, token)
                                                     : sign_key(algorithm, key.key, token);
    if (!signature) return std::nullopt;
    return token + '.' + encode_base64url(*signature);
}

}  // namespace wse::jws
