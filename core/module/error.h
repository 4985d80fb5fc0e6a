// SPDX-License-Identifier: MIT
// wse_error, in which a module says what is wrong. Any thread.
#pragma once

#include <string>

#include <wse/module.h>

namespace wse::module {

wse_error empty_error();

// The module's sentence on one line of text, or the status when it said nothing that is text.
std::string sentence(const wse_error &error, int32_t status);

}  // namespace wse::module
