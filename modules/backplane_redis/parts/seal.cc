// SPDX-License-Identifier: MIT
#include "seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "jws/base64url.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint8_t kVersion = 0x80;
constexpr size_t kTime = 8, kBlock = 16, kMac = 32;
constexpr size_t kHead = 1 + kTime + kBlock;  // version, time, initialization vector
constexpr size_t kMaxBytes = size_t{1} << 30;

struct Free {
    void operator()(EVP_CIPHER_CTX *it) const { EVP_CIPHER_CTX_free(it); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

uint8_t *octets(std::string &text) {
    return reinterpret_cast<uint8_t *>(text.data());
}

const uint8_t *octets(std::string_view text) {
    return reinterpret_cast<const uint8_t *>(text.data());
}

// Padded, as the format has it.
std::string encode(std::string_view bytes) {
    std::string text = jws::encode_base64url(bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

bool decode(std::string_view text, std::string &ret) {
    if (text.size() % 4 != 0) return false;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return jws::decode_base64url(text, ret);
}

std::string mac_of(std::string_view text, const std::array<uint8_t, 16> &key) {
    std::string mac(kMac, '\0');
    unsigned length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(),
         octets(mac), &length);
    return mac;
}

// Without randomness or a cipher there is nothing to go on with: what would be sent is not sealed.
void must(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

std::string Seal::key_problem(std::string_view key) {
    std::string bytes;
    const bool sound = decode(key, bytes) && bytes.size() == 32;
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return sound ? "" : "is not 32 octets in base64url";
}

Seal::Seal(std::string_view key) {
    std::string bytes;
    decode(key, bytes);
    std::copy_n(octets(bytes), signing_.size(), signing_.begin());
    std::copy_n(octets(bytes) + signing_.size(), encryption_.size(), encryption_.begin());
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

Seal::~Seal() {
    OPENSSL_cleanse(signing_.data(), signing_.size());
    OPENSSL_cleanse(encryption_.data(), encryption_.size());
}

std::string Seal::fingerprint() const {
    return jws::encode_base64url(mac_of(mac_of("wse fernet_key", encryption_), signing_));
}

std::string Seal::seal(std::string_view plain) const {
    must(plain.size() <= kMaxBytes);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    std::string token(kHead + plain.size() + kBlock, '\0');
    uint8_t *const at = octets(token);
    at[0] = kVersion;
    for (size_t i = 0; i < kTime; ++i)
        at[1 + i] = static_cast<uint8_t>(static_cast<uint64_t>(now) >> (8 * (kTime - 1 - i)));
    uint8_t *const iv = at + 1 + kTime;
    must(RAND_bytes(iv, static_cast<int>(kBlock)) == 1);

    const Cipher cipher(EVP_CIPHER_CTX_new());
    int body = 0, rest = 0;
    must(cipher &&
         EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr, encryption_.data(), iv) == 1);
    must(EVP_EncryptUpdate(cipher.get(), at + kHead, &body, octets(plain),
                           static_cast<int>(plain.size())) == 1);
    must(EVP_EncryptFinal_ex(cipher.get(), at + kHead + body, &rest) == 1);
    token.resize(kHead + static_cast<size_t>(body) + static_cast<size_t>(rest));
    return encode(token + mac_of(token, signing_));
}

std::optional<std::string> Seal::open(std::string_view token) const {
    std::string bytes;
    if (token.size() > 2 * kMaxBytes || !decode(token, bytes)) return std::nullopt;
    if (bytes.size() < kHead + kBlock + kMac) return std::nullopt;
    const std::string_view signed_part = std::string_view(bytes).substr(0, bytes.size() - kMac);
    const std::string mac = mac_of(signed_part, signing_);
    // Nothing is looked at, and no time is told, before it is known who made it.
    if (CRYPTO_memcmp(mac.data(), bytes.data() + signed_part.size(), kMac) != 0)
        return std::nullopt;
    const uint8_t *const at = octets(signed_part);
    const size_t length = signed_part.size() - kHead;
    if (at[0] != kVersion || length % kBlock != 0 || length > kMaxBytes + kBlock)
        return std::nullopt;

    const Cipher cipher(EVP_CIPHER_CTX_new());
    std::string plain(length, '\0');
    int body = 0, rest = 0;
    const bool opened = cipher &&
                        EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_cbc(), nullptr,
                                           encryption_.data(), at + 1 + kTime) == 1 &&
                        EVP_DecryptUpdate(cipher.get(), octets(plain), &body, at + kHead,
                                          static_cast<int>(length)) == 1 &&
                        EVP_DecryptFinal_ex(cipher.get(), octets(plain) + body, &rest) == 1;
    if (!opened) return std::nullopt;
    plain.resize(static_cast<size_t>(body) + static_cast<size_t>(rest));
    return plain;
}

}  // namespace wse::backplane_redis::parts
