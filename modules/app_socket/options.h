// SPDX-License-Identifier: MIT
// The options of app_socket, as the server fills them in. Strings live until destroy.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::app_socket {

struct Config {
    const char *path;     // of the Unix socket; null: there is an address
    const char *mode;     // of its file, octal
    const char *address;  // null: there is a path
    const char *secret;   // null: none is asked for
    const char *name;
    wse_strings events;  // names; none: all
    int64_t max_frame;   // bytes
    int64_t max_connections;
    int64_t max_calls;      // under way, of one connection
    int64_t max_questions;  // likewise
    int64_t output_buffer;  // bytes, of one connection
    int64_t hello_timeout;  // milliseconds
};

extern const wse_option kOptions[];

// [main] One sentence about the first option that is wrong, or empty.
std::string option_problem(const Config &config);

// Of options without a problem.
mode_t mode_of(const Config &config);
// Empty when it is neither 192.0.2.1:5008 nor [2001:db8::1]:5008.
std::optional<sockaddr_storage> address_of(std::string_view text);

}  // namespace wse::app_socket
