// SPDX-License-Identifier: MIT
#include "admin/command.h"

#include "base/json_scan.h"

namespace wse::admin {

std::string_view Args::text(std::string_view name) const {
    std::vector<JsonMember> members;
    if (!scan_json_object(text_, members)) return {};
    return find_member(members, name);
}

}  // namespace wse::admin
