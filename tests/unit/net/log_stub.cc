// SPDX-License-Identifier: MIT
// A log that says nothing, for as long as base has none to link with; weak, so that the real one
// wins.
#include "base/log.h"

namespace wse::log {

__attribute__((weak)) void write(Level, std::string_view, std::string_view,
                                 std::initializer_list<Field>) {}

}  // namespace wse::log
