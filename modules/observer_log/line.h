// SPDX-License-Identifier: MIT
// One event as one line, without its newline. Whatever clients made of their names, a line stays a
// line and steers no terminal.
#pragma once

#include <string>

#include <wse/module.h>

#include "options.h"

namespace wse::observer_log {

// "2026-01-02T03:04:05.678Z open connection=0190… user=alice peer=192.0.2.1 listener=main"
std::string text_line(const Event &event, const wse_observation &observation);
// {"time":"2026-01-02T03:04:05.678Z","event":"open","connection":"0190…",…}
std::string json_line(const Event &event, const wse_observation &observation);

}  // namespace wse::observer_log
