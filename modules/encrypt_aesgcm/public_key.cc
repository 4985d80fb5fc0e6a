// SPDX-License-Identifier: MIT
#include "public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include <array>

#include "jws/base64.h"

namespace wse::encrypt_aesgcm {
namespace {

constexpr size_t kPointBytes = 65;
constexpr size_t kTextBytes = 88;
constexpr char kUncompressed = 4;

// The 65 octets, or an empty text.
std::string read_point(std::string_view text) {
    std::string point;
    if (text.size() != kTextBytes || !jws::decode_base64(text, point) ||
        point.size() != kPointBytes)
        return {};
    return point.front() == kUncompressed ? point : std::string();
}

struct FreeContext {
    void operator()(EVP_PKEY_CTX *context) const { EVP_PKEY_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

PublicKey make_key(std::string &point) {
    char group[] = "prime256v1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = nullptr;
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                          const_cast<OSSL_PARAM *>(params)) != 1)
        return nullptr;
    return PublicKey(key);
}

}  // namespace

PublicKey read_public_key(std::string_view text) {
    std::string point = read_point(text);
    if (point.empty()) return nullptr;
    PublicKey key = make_key(point);
    const Context context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    if (!context || EVP_PKEY_public_check(context.get()) != 1) key.reset();
    // OpenSSL keeps a list of reasons for each thread, which nobody reads here.
    ERR_clear_error();
    return key;
}

std::string write_public_key(EVP_PKEY *key) {
    unsigned char *point = nullptr;
    const size_t size = EVP_PKEY_get1_encoded_public_key(key, &point);
    std::string text;
    if (size == kPointBytes && point[0] == kUncompressed) {
        std::array<unsigned char, kTextBytes + 1> coded{};
        const int length = EVP_EncodeBlock(coded.data(), point, static_cast<int>(size));
        text.assign(coded.begin(), coded.begin() + length);
    }
    OPENSSL_free(point);
    return text;
}

}  // namespace wse::encrypt_aesgcm
