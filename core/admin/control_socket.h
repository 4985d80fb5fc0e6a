// SPDX-License-Identifier: MIT
// The file of the control socket: who may replace it, and who removes it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace wse::admin {

struct ControlSocket {
    int fd = -1;  // bound, mode 0660, non-blocking, not yet listening; the caller's
    dev_t device = 0;
    ino_t inode = 0;
};

// Replaces a socket file on which nobody answers. A server that does answer, or a file of another
// kind, is an error and stays.
Result<ControlSocket> open_control_socket(const std::string &path);

// Removes the file if it is still the one that was opened: a later server may have made its own.
void remove_control_socket(const std::string &path, const ControlSocket &socket);

}  // namespace wse::admin
