// SPDX-License-Identifier: MIT
// One complete request head into a Request; the second half of head.h.
#pragma once

#include <string_view>

#include "net/head.h"

namespace wse::net {

// `text` ends with the empty line and its lines have been checked by HeadReader. Status 0: done.
HttpError parse_head(std::string_view text, Request &out);

}  // namespace wse::net
