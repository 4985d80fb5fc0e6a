// SPDX-License-Identifier: MIT
// How every message of the server's own begins and ends.
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"

namespace wse::proto {

// Opens {"c":"WSE","t":TYPE,"p":{ ; finish() closes both and adds the version.
inline JsonWriter system_message(std::string_view type) {
    JsonWriter out;
    out.begin_object().member("c", "WSE").member("t", type).key("p").begin_object();
    return out;
}

inline std::string finish(JsonWriter &out) {
    out.end_object().member("v", 1).end_object();
    return out.take();
}

}  // namespace wse::proto
