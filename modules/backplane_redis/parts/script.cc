// SPDX-License-Identifier: MIT
#include "script.h"

#include <utility>

namespace wse::backplane_redis::parts {

uint64_t send_script(Link &link, const char *script, const std::vector<std::string> &keys,
                     const std::vector<std::string> &arguments, uint64_t timeout_ms,
                     Link::Done done) {
    std::vector<std::string> command = {"EVAL", script, std::to_string(keys.size())};
    command.insert(command.end(), keys.begin(), keys.end());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return link.send(std::move(command), timeout_ms, std::move(done));
}

}  // namespace wse::backplane_redis::parts
