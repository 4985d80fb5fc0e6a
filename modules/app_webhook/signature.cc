// SPDX-License-Identifier: MIT
#include "signature.h"

#include <openssl/hmac.h>

#include <cstring>

namespace wse::app_webhook {
namespace {

void append_hex(std::string &out, const unsigned char *bytes, unsigned count) {
    static constexpr char kHex[] = "0123456789abcdef";
    for (unsigned i = 0; i < count; ++i) {
        out += kHex[bytes[i] >> 4];
        out += kHex[bytes[i] & 15];
    }
}

}  // namespace

std::string signature_of(const wse_strings &secrets, uint64_t now_ms, std::string_view body) {
    if (secrets.count == 0) return "";
    const std::string time = std::to_string(now_ms);
    std::string signed_text = time + '.';
    signed_text += body;
    std::string out = "t=" + time;
    for (uint64_t i = 0; i < secrets.count; ++i) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        HMAC(EVP_sha256(), secrets.items[i], static_cast<int>(std::strlen(secrets.items[i])),
             reinterpret_cast<const unsigned char *>(signed_text.data()), signed_text.size(),
             digest, &length);
        out += ",v1=";
        append_hex(out, digest, length);
    }
    return out;
}

}  // namespace wse::app_webhook
