// SPDX-License-Identifier: MIT
#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace wse {

static_assert(SHA256_DIGEST_LENGTH == std::tuple_size_v<Sha256>);

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    SHA256(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

std::string hex_of(const Sha256 &digest) {
    std::string text;
    for (const uint8_t byte : digest) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::optional<Sha256> parse_sha256(std::string_view hex) {
    Sha256 digest{};
    if (hex.size() != 2 * digest.size()) return std::nullopt;
    for (size_t i = 0; i < digest.size(); ++i) {
        const size_t high = kDigits.find(hex[2 * i]);
        const size_t low = kDigits.find(hex[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        digest[i] = static_cast<uint8_t>(high << 4 | low);
    }
    return digest;
}

bool equal_in_constant_time(const Sha256 &one, const Sha256 &other) {
    return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace wse
