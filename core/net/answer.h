// SPDX-License-Identifier: MIT
// Short HTTP answers that end a connection.
#pragma once

#include <string>

#include "net/head.h"

namespace wse::net {

// Whole answer with a text body, "Connection: close", and "Retry-After" for a 503. `method` decides
// whether the body is sent: not to HEAD.
std::string http_answer(const HttpError &error, std::string_view method = "GET");

// A limit of connections is reached.
HttpError too_many_connections();

}  // namespace wse::net
