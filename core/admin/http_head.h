// SPDX-License-Identifier: MIT
// Heads of answers, and writing through libwebsockets, which adds nothing of its own.
#pragma once

#include <string>
#include <string_view>

#include "admin/http_message.h"

struct lws;

namespace wse::admin {

std::string head_of(const HttpAnswer &answer);

// False: the connection cannot go on.
bool write_raw(lws *wsi, std::string_view bytes);

}  // namespace wse::admin
