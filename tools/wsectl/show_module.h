// SPDX-License-Identifier: MIT
// What a module file says of itself, for people and as JSON. Pure. The file may be anybody's: its
// texts are made printable, and UTF-8 for JSON.
#pragma once

#include <string>

#include "module/image.h"
#include "wsectl/text.h"

namespace wse::ctl {

std::string show_module(const std::string &path, const module::Image &image, const Style &style);

// On one line, without a newline; wsectl(1) lists the members.
std::string module_as_json(const std::string &path, const module::Image &image);

}  // namespace wse::ctl
