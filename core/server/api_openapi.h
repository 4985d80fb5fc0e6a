// SPDX-License-Identifier: MIT
// The operations as an OpenAPI 3 document. Pure.
#pragma once

#include <string>

namespace wse::server {

std::string openapi_json();

}  // namespace wse::server
