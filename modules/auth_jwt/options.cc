// SPDX-License-Identifier: MIT
#include "options.h"

#include <algorithm>
#include <string_view>

namespace wse::auth_jwt {
namespace {

constexpr int64_t kMaxLeeway = 5 * 60 * 1000;  // a clock further off wants to be set, not excused
constexpr int64_t kMaxToken = 64 * 1024;
constexpr int64_t kHour = 60 * 60 * 1000;

// An empty text would silently switch the check off, and comes easily from "${UNSET:-}".
std::string empty_option(const Config &config) {
    const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"issuer", config.issuer}, {"audience", config.audience}, {"key_id", config.key_id}};
    for (const auto &text : texts) {
        if (text.value && !*text.value)
            return std::string(text.name) + ": is empty; remove it or give a value";
    }
    return "";
}

// What says which key is used, where issuers say it.
std::string beside_issuers(const Config &config) {
    const struct {
        const char *name;
        bool given;
        const char *remedy;
    } options[] = {
        {"secret", config.secret != nullptr, "remove it, and JWT_SECRET_KEY from the environment"},
        {"previous_secret", config.previous_secret != nullptr, "remove it"},
        {"public_key", config.public_key != nullptr, "remove it"},
        {"previous_public_key", config.previous_public_key != nullptr, "remove it"},
        {"key_id", config.key_id != nullptr, "remove it"},
        {"issuer", config.issuer != nullptr, "it stands in issuers"},
        {"algorithm", config.algorithm != 0, "write algorithms = [...]"},
    };
    for (const auto &option : options) {
        if (option.given)
            return std::string(option.name) + ": not used with issuers; " + option.remedy;
    }
    for (uint64_t i = 0; i < config.algorithms.count; ++i) {
        if (!jws::find_algorithm(config.algorithms.items[i]))
            return std::string("algorithms: knows no '") + config.algorithms.items[i] + "'";
    }
    if (config.jwks_cooldown_ms > config.jwks_refresh_ms)
        return "jwks_cooldown: longer than jwks_refresh";
    if (config.jwks_max_stale_ms <= config.jwks_refresh_ms)
        return "jwks_max_stale: not longer than jwks_refresh";
    return "";
}

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
    {"issuers", WSE_OPT_PAIRS, 0, offsetof(Config, issuers), 0, 0, nullptr, nullptr, nullptr,
     "claim iss and the URL or absolute path of that issuer's JWK Set"},
    {"algorithms", WSE_OPT_STRINGS, 0, offsetof(Config, algorithms), 0, 0, nullptr, nullptr,
     nullptr, "with issuers: what tokens may be signed with; none: whatever fits the keys"},
    {"ca_file", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, ca_file), 0, 0, nullptr, nullptr,
     nullptr, "the authorities to trust (PEM), in the place of the system's"},
    {"plain_http", WSE_OPT_BOOL, 0, offsetof(Config, plain_http), 0, 0, "false", nullptr, nullptr,
     "keys may come over http from other hosts than this one"},
    {"jwks_refresh", WSE_OPT_DURATION, 0, offsetof(Config, jwks_refresh_ms), 10, 24 * kHour, "15m",
     nullptr, nullptr, "how long keys serve before they are fetched again"},
    {"jwks_cooldown", WSE_OPT_DURATION, 0, offsetof(Config, jwks_cooldown_ms), 10, kHour, "30s",
     nullptr, nullptr, "the least time between two answers of an issuer"},
    {"jwks_max_stale", WSE_OPT_DURATION, 0, offsetof(Config, jwks_max_stale_ms), 20,
     30 * 24 * kHour, "1d", nullptr, nullptr, "how long keys serve after they were fetched last"},
    {"jwks_timeout", WSE_OPT_DURATION, 0, offsetof(Config, jwks_timeout_ms), 10, 60'000, "5s",
     nullptr, nullptr, "how long an answer may take"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

std::string option_problem(const Config &config) {
    std::string problem = empty_option(config);
    if (!problem.empty()) return problem;
    if (has_issuers(config)) return beside_issuers(config);
    if (config.algorithms.count > 0)
        return "algorithms: only with issuers; without them there is algorithm";
    return config.ca_file ? "ca_file: only with issuers" : "";
}

const jws::Algorithm &algorithm_of(const Config &config) {
    return jws::algorithms()[static_cast<size_t>(config.algorithm)];
}

bool may_sign(const Config &config, const jws::Algorithm &algorithm) {
    if (!has_issuers(config)) return &algorithm == &algorithm_of(config);
    const auto &allowed = config.algorithms;
    return allowed.count == 0 ||
           std::any_of(allowed.items, allowed.items + allowed.count,
                       [&](const char *name) { return std::string_view(name) == algorithm.name; });
}

}  // namespace wse::auth_jwt
