// SPDX-License-Identifier: MIT
// What an HTTP response means for a question, and how long it may be believed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <wse/module.h>

#include "http_client/response_reader.h"
#include "snapshot/state.h"

namespace wse::snapshot_http {

struct Answer {
    int32_t status = WSE_OK;  // WSE_ENOTFOUND for 204 and 404, WSE_EIO
    snapshot::State state;
    std::string problem;  // of WSE_EIO: one sentence, with nothing that came
};

// The body is the state, and the headers WSE-Epoch (eight hex digits) and WSE-Offset, when both are
// there, its place.
Answer read_answer(http::Response response);

// How a response may be used again (RFC 9111, of which only this is known here).
struct Freshness {
    bool store = false;
    uint64_t max_age_ms = 0;  // 0: ask each time whether it is still the same
    std::string etag;         // as it came, or empty
};

Freshness freshness_of(const http::Response &response);

}  // namespace wse::snapshot_http
