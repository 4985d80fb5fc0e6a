// SPDX-License-Identifier: MIT
// The keys of the HTTP API, of which the server knows the names and the hashes alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace wse::admin {

struct ApiKey {
    std::string name;
    Sha256 digest{};
};

class ApiKeys {
public:
    static constexpr size_t kMost = 1000;

    // `given`: name and "sha256:HEX". `file`: lines of the same, NAME sha256:HEX, where empty lines
    // and those that begin with # do not count; empty: no file. A name or a key that stands twice
    // is an error, as is a line that is none.
    static Result<ApiKeys> read(const std::vector<std::pair<std::string, std::string>> &given,
                                const std::string &file);

    // Which of keys() it is. Takes as long for each text of the same length.
    std::optional<size_t> find(std::string_view key) const;
    const std::vector<ApiKey> &keys() const { return keys_; }

private:
    Result<void> add(std::string_view name, std::string_view hash);
    Result<void> add_lines(std::string_view text);

    std::vector<ApiKey> keys_;
};

// A key that nobody has yet, and the line that a key file needs for it.
struct NewApiKey {
    std::string key;
    std::string hash;  // "sha256:HEX"
    std::string line;  // without a newline
};
// `name`: letters, digits, '_', '-' and '.', at most 64.
Result<NewApiKey> new_api_key(std::string_view name);

}  // namespace wse::admin
