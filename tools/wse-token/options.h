// SPDX-License-Identifier: MIT
// The command line of wse-token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace wse::token {

struct Options {
    std::optional<std::string> secret;
    std::optional<std::string> secret_file;
    std::optional<std::string> key_file;
    std::string algorithm;  // empty: by the key
    std::string subject;
    std::string issuer;
    std::vector<std::string> audiences;
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    std::string key_id;
    std::vector<std::pair<std::string, std::string>> claims;  // name, JSON
    int64_t ttl_s = 3600;
    bool help = false;
    bool version = false;
};

extern const char kUsage[];

// `words` is the command line without the program's name; `env_secret` is what JWT_SECRET_KEY
// holds, or null, and counts when no option names a key.
Result<Options> parse_options(const std::vector<std::string_view> &words, const char *env_secret);

}  // namespace wse::token
