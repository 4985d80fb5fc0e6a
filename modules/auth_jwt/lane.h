// SPDX-License-Identifier: MIT
// What one loop needs for itself, so that no question takes a lock for long.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wse/module.h>

#include "claims.h"
#include "key_set.h"
#include "keyring.h"
#include "reason.h"
#include "token.h"

namespace wse::auth_jwt {

// Verifiers for the keys of an issuer, made when the first token needs them, and gone with the set.
class SetVerifiers {
public:
    // kNone, kKeyId, kAlgorithm or kSignature.
    Reason check(const std::shared_ptr<const KeySet> &keys, const Header &header,
                 const Parts &parts);

private:
    jws::Verifier *verifier(size_t key, const jws::Algorithm &algorithm);

    std::shared_ptr<const KeySet> keys_;
    std::map<std::pair<size_t, const jws::Algorithm *>, std::unique_ptr<jws::Verifier>> verifiers_;
};

// A token whose issuer's keys are on their way. Cleansed when it goes.
struct Held {
    Held(wse_auth_token *question, std::string_view credential, size_t from, uint64_t ended)
        : token(question), text(credential), issuer(from), round(ended) {}
    Held(const Held &) = delete;
    Held &operator=(const Held &) = delete;
    ~Held();

    wse_auth_token *token;
    std::string text;
    size_t issuer;
    uint64_t round;  // of the issuer's fetches that had ended
};

struct Lane {
    Verifiers verifiers;                // for the configured keys, or
    std::vector<SetVerifiers> issuers;  // by number
    Parts parts;
    Claims claims;
    std::list<Held> held;
};

}  // namespace wse::auth_jwt
