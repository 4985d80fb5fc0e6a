// SPDX-License-Identifier: MIT
// What an HTTP response says of a client.
#pragma once

#include <cstdint>
#include <string>

#include <wse/module.h>

#include "http_client/response_reader.h"

namespace wse::auth_http {

struct Identity {
    std::string user;
    std::string claims;       // a JSON object, or empty
    uint64_t expires_ms = 0;  // since 1970; 0: never
};

struct Answer {
    int32_t status = WSE_EIO;  // WSE_OK, WSE_EDENIED; WSE_EIO: it says nothing
    Identity identity;         // of WSE_OK
    std::string problem;       // of WSE_EIO: one sentence, with nothing that came
};

// 200 lets in whom the body names, 401 and 403 do not; everything else says nothing of the client.
// {"user","claims"?,"expires_ms"? or "expires"?}: the last in seconds. Whose end is before `now_ms`
// is not let in.
Answer read_answer(const http::Response &response, uint64_t now_ms);

}  // namespace wse::auth_http
