// SPDX-License-Identifier: MIT
#include "lane.h"

#include <openssl/crypto.h>

namespace wse::auth_jwt {
namespace {

// A token that names no key may make us try so many.
constexpr int kMaxTries = 4;

}  // namespace

Held::~Held() {
    OPENSSL_cleanse(text.data(), text.size());
}

jws::Verifier *SetVerifiers::verifier(size_t key, const jws::Algorithm &algorithm) {
    const auto [place, is_new] = verifiers_.try_emplace({key, &algorithm});
    if (is_new) {
        const Jwk &jwk = keys_->keys()[key];
        place->second = jwk.key ? jws::Verifier::for_key(algorithm, jwk.key.get())
                                : jws::Verifier::for_secret(algorithm, jwk.secret);
    }
    return place->second.get();
}

Reason SetVerifiers::check(const std::shared_ptr<const KeySet> &keys, const Header &header,
                           const Parts &parts) {
    if (keys != keys_) {
        verifiers_.clear();
        keys_ = keys;
    }
    bool is_known = false;
    int tries = 0;
    for (size_t i = 0; i < keys->keys().size() && tries < kMaxTries; ++i) {
        const Jwk &key = keys->keys()[i];
        if (header.key_id && key.id != *header.key_id) continue;
        is_known = true;
        if (!key.fits(*header.algorithm)) continue;
        ++tries;
        jws::Verifier *const fitting = verifier(i, *header.algorithm);
        if (fitting && fitting->verify(parts.signed_text, parts.signature)) return Reason::kNone;
    }
    if (tries > 0) return Reason::kSignature;
    return is_known ? Reason::kAlgorithm : Reason::kKeyId;
}

}  // namespace wse::auth_jwt
