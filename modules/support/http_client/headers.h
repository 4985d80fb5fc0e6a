// SPDX-License-Identifier: MIT
// The headers of a module's requests: those of an option of type WSE_OPT_PAIRS, and the module's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "http_client/response_reader.h"

namespace wse::http {

// One sentence about the first that cannot be sent, without its value; or empty.
std::string header_problem(const wse_pairs &option);

std::vector<Header> headers_of(const wse_pairs &option);

// Unless there is one of that name. Case does not matter.
void add_default(std::vector<Header> &headers, std::string_view name, std::string_view value);

}  // namespace wse::http
