// SPDX-License-Identifier: MIT
#include "engine.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <cstring>

namespace wse::encrypt_aesgcm {
namespace {

struct FreeMethod {
    void operator()(EVP_CIPHER *cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_MAC *mac) const { EVP_MAC_free(mac); }
};

const uint8_t *octets(std::string_view text) {
    return reinterpret_cast<const uint8_t *>(text.data());
}

}  // namespace

std::unique_ptr<Engine> Engine::make() {
    std::unique_ptr<Engine> made(new Engine);
    const std::unique_ptr<EVP_CIPHER, FreeMethod> gcm(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    const std::unique_ptr<EVP_MAC, FreeMethod> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    made->sealing_.reset(EVP_CIPHER_CTX_new());
    made->opening_.reset(EVP_CIPHER_CTX_new());
    if (hmac) made->mac_.reset(EVP_MAC_CTX_new(hmac.get()));
    if (!gcm || !made->sealing_ || !made->opening_ || !made->mac_) return nullptr;
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    const bool ready =
        EVP_EncryptInit_ex2(made->sealing_.get(), gcm.get(), nullptr, nullptr, nullptr) == 1 &&
        EVP_DecryptInit_ex2(made->opening_.get(), gcm.get(), nullptr, nullptr, nullptr) == 1 &&
        EVP_MAC_CTX_set_params(made->mac_.get(), params) == 1;
    return ready ? std::move(made) : nullptr;
}

bool Engine::seal(const Secrets &secrets, const Nonce &nonce, std::string_view text, uint8_t *out) {
    EVP_CIPHER_CTX *const context = sealing_.get();
    uint8_t *const body = out + kNonceBytes;
    int size = 0, rest = 0;
    std::memcpy(out, nonce.data(), kNonceBytes);
    return EVP_EncryptInit_ex2(context, nullptr, secrets.cipher.data(), nonce.data(), nullptr) ==
               1 &&
           EVP_EncryptUpdate(context, body, &size, octets(text), static_cast<int>(text.size())) ==
               1 &&
           EVP_EncryptFinal_ex(context, body + size, &rest) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, body + text.size()) == 1;
}

bool Engine::open(const Secrets &secrets, std::string_view frame, uint8_t *out) {
    EVP_CIPHER_CTX *const context = opening_.get();
    const std::string_view body = frame.substr(kNonceBytes, frame.size() - kFrameOverhead);
    // OpenSSL copies the tag, whatever the type says.
    auto *const tag = const_cast<uint8_t *>(octets(body) + body.size());
    int size = 0, rest = 0;
    const bool good =
        EVP_DecryptInit_ex2(context, nullptr, secrets.cipher.data(), octets(frame), nullptr) == 1 &&
        EVP_DecryptUpdate(context, out, &size, octets(body), static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1 &&
        EVP_DecryptFinal_ex(context, out + size, &rest) == 1;
    if (!good) ERR_clear_error();
    return good;
}

bool Engine::sign(const Secrets &secrets, std::string_view text, Mac &ret) {
    size_t size = 0;
    return EVP_MAC_init(mac_.get(), secrets.mac.data(), secrets.mac.size(), nullptr) == 1 &&
           EVP_MAC_update(mac_.get(), octets(text), text.size()) == 1 &&
           EVP_MAC_final(mac_.get(), ret.data(), &size, ret.size()) == 1 && size == ret.size();
}

void Engine::forget() {
    const Secrets none;
    const Nonce nonce{};
    Mac mac;
    EVP_EncryptInit_ex2(sealing_.get(), nullptr, none.cipher.data(), nonce.data(), nullptr);
    EVP_DecryptInit_ex2(opening_.get(), nullptr, none.cipher.data(), nonce.data(), nullptr);
    sign(none, {}, mac);
}

}  // namespace wse::encrypt_aesgcm
