// SPDX-License-Identifier: MIT
// auth_jwt: what an issuer, or who stands in its place, gives for a JWK Set.
#include "auth_jwt/key_set.h"
#include "fuzz.h"

namespace wse::auth_jwt {
namespace {

void judge(const Jwk &key, Origin origin) {
    WSE_ASSERT(!key.key == !key.secret.empty(), "a key that is both or neither");
    WSE_ASSERT(origin == Origin::kFile || key.secret.empty(), "a secret from the network");
    bool is_of_use = false;
    for (const jws::Algorithm &algorithm : jws::algorithms()) {
        if (!key.fits(algorithm)) continue;
        is_of_use = true;
        WSE_ASSERT((algorithm.key == jws::KeyKind::kSecret) == !key.key,
                   "a public key that serves as a secret");
        if (key.key) {
            WSE_ASSERT(jws::key_problem(algorithm, key.key.get()).empty(), "another kind of key");
        } else {
            WSE_ASSERT(key.secret.size() >= algorithm.min_secret, "a short secret");
        }
    }
    WSE_ASSERT(is_of_use, "a key for nothing");
}

void run(std::string_view text) {
    for (const Origin origin : {Origin::kFile, Origin::kUrl}) {
        std::string problem;
        const auto set = KeySet::parse(text, origin, problem);
        WSE_ASSERT((set == nullptr) == !problem.empty(), "no set and no reason");
        if (!set) continue;
        WSE_ASSERT(set->keys().size() + set->left_out().size() <= KeySet::kMaxKeys,
                   "too many keys");
        for (const Jwk &key : set->keys()) judge(key, origin);
    }
}

}  // namespace
}  // namespace wse::auth_jwt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::auth_jwt::run(wse::fuzz::text_of(data, size));
    return 0;
}
