// SPDX-License-Identifier: MIT
#include "jws/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstring>

#include "jws/file_text.h"

namespace wse::jws {
namespace {

constexpr size_t kMaxFile = 64 * 1024;  // a PEM key has a few kilobytes
constexpr int kMinRsaBits = 2048;       // RFC 7518 section 3.3

struct FreeBio {
    void operator()(BIO *bio) const { BIO_free(bio); }
};

bool holds(const std::string &text, const char *word) {
    return text.find(word) != std::string::npos;
}

int refuse_passphrase(char *, int, int, void *) {
    return -1;
}

std::string public_key_hint(const std::string &text) {
    if (holds(text, "PRIVATE KEY-----"))
        return "holds a private key; give the public one: openssl pkey -in FILE -pubout";
    if (holds(text, "-----BEGIN CERTIFICATE"))
        return "holds a certificate; take its key: openssl x509 -in FILE -noout -pubkey";
    return "holds no PEM public key";
}

bool is_on(const Curve &curve, const EVP_PKEY *key) {
    char group[64] = "";
    size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
           std::strcmp(group, curve.group) == 0;
}

const Algorithm *algorithm_of_curve(const EVP_PKEY *key) {
    for (const Algorithm &algorithm : algorithms()) {
        if (algorithm.curve && is_on(*algorithm.curve, key)) return &algorithm;
    }
    return find_algorithm("ES256");  // whose key_problem() says what is wrong
}

std::string rsa_problem(const Algorithm &algorithm, const EVP_PKEY *key) {
    // A key of type RSA-PSS is bound to that padding and says nothing else.
    if (!EVP_PKEY_is_a(key, "RSA") && !(algorithm.pss && EVP_PKEY_is_a(key, "RSA-PSS")))
        return std::string("not an RSA key, which ") + algorithm.name + " needs";
    const int bits = EVP_PKEY_get_bits(key);
    if (bits >= kMinRsaBits) return "";
    return "an RSA key of " + std::to_string(bits) + " bits; " + algorithm.name +
           " needs at least " + std::to_string(kMinRsaBits);
}

}  // namespace

ReadKey read_public_key(const std::string &path) {
    FileText file;
    read_file(path, kMaxFile, file);
    if (!file.problem.empty()) return {nullptr, file.problem};
    // Said before the parser looks: a server has no business with a private key.
    if (holds(file.text, "PRIVATE KEY-----"))
        return {nullptr, path + ": " + public_key_hint(file.text)};
    const std::unique_ptr<BIO, FreeBio> bio(
        BIO_new_mem_buf(file.text.data(), static_cast<int>(file.text.size())));
    Key key(PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return {nullptr, path + ": " + public_key_hint(file.text)};
    return {std::move(key), ""};
}

ReadKey read_private_key(const std::string &path) {
    FileText file;
    read_file(path, kMaxFile, file);
    if (!file.problem.empty()) return {nullptr, file.problem};
    const std::unique_ptr<BIO, FreeBio> bio(
        BIO_new_mem_buf(file.text.data(), static_cast<int>(file.text.size())));
    Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, nullptr));
    ERR_clear_error();
    if (!key) return {nullptr, path + ": holds no unencrypted PEM private key"};
    return {std::move(key), ""};
}

std::string secret_problem(const Algorithm &algorithm, std::string_view secret) {
    if (secret.substr(0, 10) == "-----BEGIN")
        return std::string("a PEM key, not a secret; ") + algorithm.name +
               " needs random bytes that both sides keep";
    if (secret.size() >= algorithm.min_secret) return "";
    return std::to_string(secret.size()) + " bytes long; " + algorithm.name + " needs at least " +
           std::to_string(algorithm.min_secret) + " (openssl rand -hex " +
           std::to_string(algorithm.min_secret) + ")";
}

std::string key_problem(const Algorithm &algorithm, const EVP_PKEY *key) {
    switch (algorithm.key) {
        case KeyKind::kSecret:
            return std::string("a key pair; ") + algorithm.name + " needs a secret";
        case KeyKind::kRsa:
            return rsa_problem(algorithm, key);
        case KeyKind::kEc:
            if (is_on(*algorithm.curve, key)) return "";
            return std::string("not an EC key on the curve ") + algorithm.curve->name + ", which " +
                   algorithm.name + " needs";
        case KeyKind::kEd25519:
            if (EVP_PKEY_is_a(key, "ED25519")) return "";
            return std::string("not an Ed25519 key, which ") + algorithm.name + " needs";
    }
    return "of an unknown kind";
}

const Algorithm *default_algorithm(const EVP_PKEY *key) {
    if (EVP_PKEY_is_a(key, "RSA")) return find_algorithm("RS256");
    if (EVP_PKEY_is_a(key, "RSA-PSS")) return find_algorithm("PS256");
    if (EVP_PKEY_is_a(key, "EC")) return algorithm_of_curve(key);
    if (EVP_PKEY_is_a(key, "ED25519")) return find_algorithm("EdDSA");
    return nullptr;
}

}  // namespace wse::jws
