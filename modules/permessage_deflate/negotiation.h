// SPDX-License-Identifier: MIT
// What is agreed with a client: the parameters of RFC 7692 section 7.1. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "options.h"

namespace wse::permessage_deflate {

// zlib has no window of 256 bytes for raw deflate: it takes 512 instead.
inline constexpr int kMinWindowBits = 9;
inline constexpr int kMaxWindowBits = 15;

struct Agreement {
    int server_bits = kMaxWindowBits;  // of the window that we compress with
    int client_bits = kMaxWindowBits;  // and of the one that we decompress with
    bool server_takeover = false;      // our messages refer to those before
    bool client_takeover = false;      // the client's do
    std::string reply;                 // {"parameters":{…}}
};

// Empty: the offer has a parameter that is unknown, has a value that it must not have, or asks for
// what cannot be given; RFC 7692 has it declined. `offer` is {"parameters":{…}}.
std::optional<Agreement> agree(std::string_view offer, const Config &config);

}  // namespace wse::permessage_deflate
