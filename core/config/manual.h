// SPDX-License-Identifier: MIT
// Option tables as mdoc, for the manual pages: what is checked in is compared with this.
#pragma once

#include <string>

#include "config/bind.h"

namespace wse::config {

// A .Bl list with an item per option: type, bounds, default, environment variable, help.
std::string manual_options(const OptionTable &table);

// The list of each core section, between comments that name it:
//     .\" options of [log]
//     .\" end of options
// Replaces what stands between such comments in `page`; other text stays.
std::string manual_with_options(const std::string &page);

}  // namespace wse::config
