// SPDX-License-Identifier: MIT
#include "options.h"

namespace wse::auth_jwt {
namespace {

constexpr int64_t kMaxLeeway = 5 * 60 * 1000;  // a clock further off wants to be set, not excused
constexpr int64_t kMaxToken = 64 * 1024;

}  // namespace

const wse_option kOptions[] = {
    {"algorithm", WSE_OPT_ENUM, 0, offsetof(Config, algorithm), 0, 0, "HS256",
     jws::kAlgorithmChoices, nullptr, "the one algorithm a token may be signed with"},
    {"secret", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, secret), 0, 0, nullptr, nullptr,
     "JWT_SECRET_KEY", "what HS256, HS384 and HS512 tokens are signed with"},
    {"previous_secret", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, previous_secret), 0, 0,
     nullptr, nullptr, nullptr, "the secret before a rotation, accepted as well"},
    {"public_key", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, public_key), 0, 0, nullptr,
     nullptr, nullptr, "PEM file that RS, PS, ES and EdDSA tokens are checked with"},
    {"previous_public_key", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, previous_public_key),
     0, 0, nullptr, nullptr, nullptr, "the key before a rotation, accepted as well"},
    {"key_id", WSE_OPT_STRING, 0, offsetof(Config, key_id), 0, 0, nullptr, nullptr, nullptr,
     "what the header member kid must be"},
    {"issuer", WSE_OPT_STRING, 0, offsetof(Config, issuer), 0, 0, nullptr, nullptr, nullptr,
     "what the claim iss must be"},
    {"audience", WSE_OPT_STRING, 0, offsetof(Config, audience), 0, 0, nullptr, nullptr, nullptr,
     "what the claim aud must be or contain"},
    {"leeway", WSE_OPT_DURATION, 0, offsetof(Config, leeway_ms), 0, kMaxLeeway, "30s", nullptr,
     nullptr, "how far the clock of the issuer may be off"},
    {"max_token", WSE_OPT_SIZE, 0, offsetof(Config, max_token), 256, kMaxToken, "8k", nullptr,
     nullptr, "the longest token that is looked at"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

const jws::Algorithm &algorithm_of(const Config &config) {
    return jws::algorithms()[static_cast<size_t>(config.algorithm)];
}

}  // namespace wse::auth_jwt
