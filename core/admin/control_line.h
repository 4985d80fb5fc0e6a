// SPDX-License-Identifier: MIT
// The lines of the control protocol (docs/control-protocol.md): reading a request, writing answers.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace wse::admin {

struct Request {
    int64_t id = 0;
    std::string_view command;  // borrowed from the line, as args_text
    std::string_view args_text;
    JsonDocument args;
};

// `line` is without its newline. On failure `ret_id` is set when the line got as far as a valid id,
// so that the error reaches the right request.
Result<Request> parse_request(std::string_view line, std::optional<int64_t> &ret_id);

// Without the newline; `json` may contain line breaks between its tokens, the line does not.
std::string ok_line(int64_t id, std::string_view json);
std::string event_line(int64_t id, std::string_view json);
std::string error_line(std::optional<int64_t> id, std::string_view code, std::string_view message);

}  // namespace wse::admin
