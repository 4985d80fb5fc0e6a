// SPDX-License-Identifier: MIT
#include "token.h"

#include <openssl/crypto.h>

#include "jws/base64url.h"

namespace wse::auth_jwt {

Parts::~Parts() {
    for (std::string *part : {&header, &payload, &signature}) {
        part->resize(part->capacity());  // a longer token may have been there before
        OPENSSL_cleanse(part->data(), part->size());
    }
}

bool split_token(std::string_view token, Parts &parts) {
    const size_t first = token.find('.');
    if (first == std::string_view::npos) return false;
    const size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return false;
    parts.signed_text = token.substr(0, second);
    // A fourth segment is caught by the alphabet, which has no dot.
    return jws::decode_base64url(token.substr(0, first), parts.header) &&
           jws::decode_base64url(token.substr(first + 1, second - first - 1), parts.payload) &&
           jws::decode_base64url(token.substr(second + 1), parts.signature);
}

}  // namespace wse::auth_jwt
