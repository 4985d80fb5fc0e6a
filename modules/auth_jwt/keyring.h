// SPDX-License-Identifier: MIT
// The keys that the configuration names: judged once, then made into verifiers loop by loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "jws/key.h"
#include "jws/verifier.h"
#include "options.h"

namespace wse::auth_jwt {

// What one loop checks signatures with.
struct Verifiers {
    std::unique_ptr<jws::Verifier> current;
    std::unique_ptr<jws::Verifier> previous;  // null when none is configured
};

// Immutable once loaded, so loops may share it. Secrets are not copied: they stay the server's.
class Keyring {
public:
    // [main] Every rule between the options of keys and every property of the keys. Returns one
    // sentence about the first problem, or an empty text and the keys.
    std::string load(const Config &config);

    // [loop] False when OpenSSL gives no context.
    bool make_verifiers(Verifiers &ret) const;

private:
    std::string load_secrets(const Config &config);
    std::string load_public_keys(const Config &config);
    std::unique_ptr<jws::Verifier> verifier(std::string_view secret, EVP_PKEY *key) const;

    const jws::Algorithm *algorithm_ = nullptr;
    std::string_view secret_, previous_secret_;
    jws::Key key_, previous_key_;
};

}  // namespace wse::auth_jwt
