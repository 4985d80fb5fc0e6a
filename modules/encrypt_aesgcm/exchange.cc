// SPDX-License-Identifier: MIT
#include "exchange.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <wse/module.h>

namespace wse::encrypt_aesgcm {
namespace {

constexpr std::string_view kCipherInfo = "wse-encryption/aes-gcm-key";
constexpr std::string_view kMacInfo = "wse-signing/hmac-key";
constexpr size_t kSharedBytes = 32;  // the x coordinate

struct Free {
    void operator()(EVP_KDF *kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX *context) const { EVP_KDF_CTX_free(context); }
    void operator()(EVP_PKEY_CTX *context) const { EVP_PKEY_CTX_free(context); }
};

// Wiped when destroyed.
struct Shared {
    Shared() = default;
    ~Shared() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
    Shared(const Shared &) = delete;
    Shared &operator=(const Shared &) = delete;

    std::array<uint8_t, kSharedBytes> bytes{};
};

bool agree(EVP_PKEY *ours, EVP_PKEY *theirs, Shared &ret) {
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(
        EVP_PKEY_CTX_new_from_pkey(nullptr, ours, nullptr));
    size_t size = ret.bytes.size();
    // Their key was checked when it was read.
    return context && EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_derive_set_peer_ex(context.get(), theirs, 0) == 1 &&
           EVP_PKEY_derive(context.get(), ret.bytes.data(), &size) == 1 && size == ret.bytes.size();
}

// Without a salt, which is a salt of zeros (RFC 5869 section 2.2).
bool expand(EVP_KDF_CTX *context, Shared &shared, std::string_view info,
            std::array<uint8_t, kKeyBytes> &ret) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared.bytes.data(),
                                          shared.bytes.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char *>(info.data()),
                                          info.size()),
        OSSL_PARAM_construct_end(),
    };
    // A context adds up what it is given as info.
    EVP_KDF_CTX_reset(context);
    return EVP_KDF_derive(context, ret.data(), ret.size(), params) == 1;
}

}  // namespace

Secrets::~Secrets() {
    OPENSSL_cleanse(cipher.data(), cipher.size());
    OPENSSL_cleanse(mac.data(), mac.size());
}

bool derive(EVP_PKEY *ours, EVP_PKEY *theirs, Secrets &ret) {
    Shared shared;
    if (!agree(ours, theirs, shared)) return false;
    const std::unique_ptr<EVP_KDF, Free> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    const std::unique_ptr<EVP_KDF_CTX, Free> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
    return context && expand(context.get(), shared, kCipherInfo, ret.cipher) &&
           expand(context.get(), shared, kMacInfo, ret.mac);
}

int32_t exchange(std::string_view their_key, Secrets &ret, std::string &ret_our_key) {
    const PublicKey theirs = read_public_key(their_key);
    if (!theirs) return WSE_EINVAL;
    const PublicKey ours(EVP_EC_gen("P-256"));
    if (!ours) return WSE_ENOMEM;
    ret_our_key = write_public_key(ours.get());
    return !ret_our_key.empty() && derive(ours.get(), theirs.get(), ret) ? WSE_OK : WSE_EIO;
}

}  // namespace wse::encrypt_aesgcm
