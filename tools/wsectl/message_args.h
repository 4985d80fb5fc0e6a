// SPDX-License-Identifier: MIT
// What publish and send take from the command line into a message.
#pragma once

#include "base/json_writer.h"
#include "wsectl/command.h"

namespace wse::ctl {

// Any JSON value in UTF-8; said here, the error can name the quotes that a shell takes away.
Result<void> check_payload(std::string_view payload);

// A member, when there is a value; `said_as` names it in the error when it is not UTF-8.
Result<void> add_text(JsonWriter &args, const char *name, const std::optional<std::string> &value,
                      const char *said_as);

// --id and --priority, when they are given.
Result<void> add_message_options(JsonWriter &args, const Words &words);

}  // namespace wse::ctl
