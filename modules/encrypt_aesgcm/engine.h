// SPDX-License-Identifier: MIT
// AES-256-GCM and HMAC-SHA-256 with keys that change from call to call.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "exchange.h"
#include "nonce_window.h"

namespace wse::encrypt_aesgcm {

inline constexpr size_t kTagBytes = 16;
inline constexpr size_t kMacBytes = 32;
inline constexpr size_t kFrameOverhead = kNonceBytes + kTagBytes;

using Mac = std::array<uint8_t, kMacBytes>;

// The contexts of one loop, which all its sessions use in turn: one of a session's own would be 1.2
// KB more for each, and setting the key anew costs a third of a microsecond a message.
class Engine {
public:
    // Null when OpenSSL gives none.
    static std::unique_ptr<Engine> make();

    // `out` has room for nonce, text and tag. False when OpenSSL fails.
    bool seal(const Secrets &secrets, const Nonce &nonce, std::string_view text, uint8_t *out);
    // `frame` has kFrameOverhead bytes or more, `out` room for the rest. False: the tag is wrong.
    bool open(const Secrets &secrets, std::string_view frame, uint8_t *out);
    bool sign(const Secrets &secrets, std::string_view text, Mac &ret);
    // So that no key outlives its session here.
    void forget();

private:
    struct Free {
        void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
        void operator()(EVP_MAC_CTX *context) const { EVP_MAC_CTX_free(context); }
    };

    Engine() = default;

    std::unique_ptr<EVP_CIPHER_CTX, Free> sealing_;
    std::unique_ptr<EVP_CIPHER_CTX, Free> opening_;
    std::unique_ptr<EVP_MAC_CTX, Free> mac_;
};

}  // namespace wse::encrypt_aesgcm
