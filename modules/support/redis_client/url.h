// SPDX-License-Identifier: MIT
// Where a Redis server is, and as whom to speak with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::redis {

struct Url {
    std::string host;  // a name or an address; empty for a Unix socket
    uint16_t port = 6379;
    std::string path;  // of a Unix socket
    std::string user;
    std::string password;
    uint32_t database = 0;

    // For the log: without user and password.
    std::string shown() const;
};

// redis://[[user]:password@]host[:port][/database], or unix:///path. User and password may have
// percent-encoded characters. Empty and a sentence, without any part of the text, when it is none.
std::optional<Url> parse_url(std::string_view text, std::string &ret_problem);

}  // namespace wse::redis
