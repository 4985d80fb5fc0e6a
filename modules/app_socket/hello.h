// SPDX-License-Identifier: MIT
// The first message of a backend.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/members.h"
#include "msgpack_json/message_writer.h"
#include "step.h"

namespace wse::app_socket {

struct Hello {
    msgpack_json::Form form = msgpack_json::Form::kJson;
    std::string name;
    uint32_t answers = 0;  // of 1 << WSE_ASK_*
    bool takes_over = false;
    std::string epoch;  // of `resume`, or empty
    uint64_t seq = 0;
};

// `secret`: what the backend has to know; empty: nothing.
Problem read_hello(const app::Members &message, std::string_view secret, Hello &ret);

}  // namespace wse::app_socket
