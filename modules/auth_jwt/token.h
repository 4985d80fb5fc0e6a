// SPDX-License-Identifier: MIT
// A token in the compact serialization, taken apart but not believed.
#pragma once

#include <string>
#include <string_view>

namespace wse::auth_jwt {

// Reused from token to token for its buffers; cleansed when it goes.
struct Parts {
    std::string header;            // JSON text, hopefully
    std::string payload;           // JSON text, hopefully
    std::string signature;         // raw
    std::string_view signed_text;  // of the token: what the signature covers

    Parts() = default;
    Parts(const Parts &) = delete;
    Parts &operator=(const Parts &) = delete;
    ~Parts();
};

// False unless `token` is three segments of strict base64url. `parts` points into `token`.
bool split_token(std::string_view token, Parts &parts);

}  // namespace wse::auth_jwt
