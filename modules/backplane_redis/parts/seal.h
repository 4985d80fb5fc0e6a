// SPDX-License-Identifier: MIT
// Texts that only hosts with the same key can read or make: tokens of the Fernet format, version
// 0x80, with AES-128-CBC and HMAC-SHA256. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::backplane_redis::parts {

class Seal {
public:
    // What is wrong with a key in one sentence without any part of it, or empty.
    static std::string key_problem(std::string_view key);

    // A key without a problem: 32 octets in base64url.
    explicit Seal(std::string_view key);
    ~Seal();  // forgets the key
    Seal(const Seal &) = delete;
    Seal &operator=(const Seal &) = delete;

    // At most a gigabyte. The token has the time of this host in it, which nobody asks for.
    std::string seal(std::string_view plain) const;
    // Empty unless it was made with this key. It does not age: the stream is trimmed, not read by
    // the clock.
    std::optional<std::string> open(std::string_view token) const;
    // By which hosts see whether they have the same key, and nobody else learns anything of it.
    std::string fingerprint() const;

private:
    std::array<uint8_t, 16> signing_{};
    std::array<uint8_t, 16> encryption_{};
};

}  // namespace wse::backplane_redis::parts
