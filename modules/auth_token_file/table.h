// SPDX-License-Identifier: MIT
// Who has which token. Holds digests alone: a token that was written plainly is forgotten once it
// has been read. Immutable after parsing, so threads may share it.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wse::auth_token_file {

struct Entry {
    std::string user;
    std::string claims;       // a JSON object, or empty
    uint64_t expires_ms = 0;  // from the member exp of the claims, 0: never
    int line = 0;
};

class Table {
public:
    // Lines of `token user [claims]`, `#` comments and empty lines. Null and a sentence that starts
    // with the number of the line, without any part of a token, when one is wrong.
    static std::shared_ptr<const Table> parse(std::string_view text, std::string &ret_problem);

    // Null when nobody has it. Takes the same time for every wrong token of one length: only its
    // SHA-256 digest is compared, which nobody can steer towards one of ours.
    const Entry *find(std::string_view token) const;

    size_t size() const { return entries_.size(); }

private:
    using Digest = std::array<uint8_t, 32>;
    struct Hash {
        size_t operator()(const Digest &digest) const {
            size_t hash = 0;  // a digest is as good a hash as any, and as its first octets are
            std::memcpy(&hash, digest.data(), sizeof hash);
            return hash;
        }
    };

    static bool digest_of(std::string_view token, Digest &ret);
    static const char *read_token(std::string_view word, Digest &ret);
    std::string add_line(std::string_view line, int number);

    std::unordered_map<Digest, Entry, Hash> entries_;
};

}  // namespace wse::auth_token_file
