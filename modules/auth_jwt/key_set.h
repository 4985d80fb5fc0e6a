// SPDX-License-Identifier: MIT
// A JWK Set (RFC 7517 section 5), of which the keys remain that can be used here.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jwk.h"

namespace wse::auth_jwt {

// Immutable once read, so loops may share it.
class KeySet {
public:
    static constexpr size_t kMaxBytes = 256 * 1024;
    static constexpr size_t kMaxKeys = 64;

    // Null and a sentence for what is no JWK Set, or too large. A key that cannot be used is left
    // out, as the RFC wants: the set may have others, for others. [any]
    static std::shared_ptr<const KeySet> parse(std::string_view json, Origin origin,
                                               std::string &ret_problem);

    const std::deque<Jwk> &keys() const { return keys_; }
    // Why a key was left out, "key 2: too small"; counted from 1.
    const std::vector<std::string> &left_out() const { return left_out_; }

private:
    std::deque<Jwk> keys_;
    std::vector<std::string> left_out_;
};

}  // namespace wse::auth_jwt
