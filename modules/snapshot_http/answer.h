// SPDX-License-Identifier: MIT
// What an HTTP response means for a question.
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

}  // namespace wse::snapshot_http
