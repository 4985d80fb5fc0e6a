// SPDX-License-Identifier: MIT
#include "net/accept_key.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>

#include "base/assert.h"

namespace wse::net {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr size_t kKeySize = 24;  // of sixteen bytes in base64

}  // namespace

bool is_websocket_key(std::string_view key) {
    // EVP_DecodeBlock forgives blanks around and counts the padding as zeros, so the form is
    // checked here.
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key.size() == kKeySize && key.substr(kKeySize - 2) == "==" &&
           key.substr(0, kKeySize - 2).find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string accept_key(std::string_view key) {
    WSE_ASSERT(key.size() == kKeySize, "a key that was not checked");
    std::array<unsigned char, kKeySize + kGuid.size()> text{};
    std::memcpy(text.data(), key.data(), kKeySize);
    std::memcpy(text.data() + kKeySize, kGuid.data(), kGuid.size());
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(text.data(), text.size(), digest.data());
    std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
    const int size =
        EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return {encoded.begin(), encoded.begin() + size};
}

}  // namespace wse::net
