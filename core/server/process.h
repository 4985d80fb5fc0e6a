// SPDX-License-Identifier: MIT
// What wsed asks of the system as a process: descriptors, directories, another user.
#pragma once

#include <string>

#include "base/result.h"
#include "config/settings.h"

namespace wse::server {

// sysexits(3), as far as wsed uses it.
namespace exit_code {
inline constexpr int kDone = 0;
inline constexpr int kUsage = 64;
inline constexpr int kUnavailable = 69;  // an address or the control socket cannot be used
inline constexpr int kInternal = 70;
inline constexpr int kSystem = 71;
inline constexpr int kConfig = 78;
}  // namespace exit_code

// As [log] says.
Result<void> start_log(const config::Log &settings);

// As many descriptors as the hard limit allows.
void raise_descriptor_limit();

// Makes server.runtime_dir when it is missing and gives it to server.user. One that everybody may
// write to is refused: anybody could put a control socket of his own there.
Result<void> make_runtime_dir(const config::Server &settings);

// Makes server.state_dir when it is missing and gives it to server.user, as far as we may. Who
// needs it finds out whether it can be used.
void make_state_dir(const config::Server &settings);

// What -t can find out without changing anything: the user is known, the log file can be written.
Result<void> check_process(const config::Settings &settings);

// Becomes server.user, for good; without one, or when that is who runs, nothing happens.
Result<void> drop_privileges(const config::Server &settings);

}  // namespace wse::server
