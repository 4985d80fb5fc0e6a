// SPDX-License-Identifier: MIT
// backplane_redis: tokens that are none, and those that were changed under way. With the key known
// a body is signed after it was changed, so that what lies behind the signature is reached as well.
#include "backplane_redis/parts/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "fuzz.h"
#include "jws/base64url.h"

namespace {

// 32 octets 0: half for signing, half for the cipher.
constexpr const char *kKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

std::string signed_token(std::string body) {
    static constexpr uint8_t kSigning[16] = {};
    uint8_t mac[32];
    unsigned length = 0;
    HMAC(EVP_sha256(), kSigning, sizeof kSigning, reinterpret_cast<const uint8_t *>(body.data()),
         body.size(), mac, &length);
    body.append(reinterpret_cast<const char *>(mac), length);
    std::string token = wse::jws::encode_base64url(body);
    token.append((4 - token.size() % 4) % 4, '=');
    return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const wse::backplane_redis::parts::Seal seal(kKey);
    const std::string_view text = wse::fuzz::text_of(data, size);
    const auto opened = seal.open(text);
    WSE_ASSERT(!opened || opened->size() < text.size(), "more came out than was sealed");
    const auto forged = seal.open(signed_token(std::string(text)));
    WSE_ASSERT(!forged || forged->size() < text.size(), "more came out than was sealed");
    WSE_ASSERT(seal.open(seal.seal(text)) == text, "what was sealed does not open");
    wse::backplane_redis::parts::Seal::key_problem(text);
    return 0;
}
