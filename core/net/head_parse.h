// SPDX-License-Identifier: MIT
// One complete request head into a Request; the second half of head.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "net/head.h"

namespace wse::net {

// `text` ends with the empty line and its lines have been checked by HeadReader. Status 0: done.
HttpError parse_head(std::string_view text, Request &out);

// The value of a content-length: digits alone, and not too many.
bool read_length(std::string_view text, uint64_t &out);

}  // namespace wse::net
