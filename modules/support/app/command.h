// SPDX-License-Identifier: MIT
// The methods conn.*, by which an application steers a client, as commands to the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

namespace wse::app {

struct Command {
    uint32_t command = 0;  // WSE_APP_SEND and following
    uint32_t code = 0;
    uint32_t priority = 0;
    bool has_message = false;
    std::string connection, topic, data;
    std::string type, id, payload, extra;  // of the message
};

// Appends what `method` with these parameters, a JSON object, comes to: one command for each topic
// where there are several. A sentence, or empty.
std::string read_commands(std::string_view method, std::string_view params,
                          std::vector<Command> &ret);

// [loop] host->app_command.
int32_t issue_command(const wse_host *host, wse_loop *loop, const Command &command,
                      void (*done)(void *arg, int32_t status, wse_bytes answer) noexcept,
                      void *arg);

}  // namespace wse::app
