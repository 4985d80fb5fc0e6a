// SPDX-License-Identifier: MIT
#include "wsectl/message_args.h"

#include "base/json_scan.h"
#include "base/utf8.h"

namespace wse::ctl {

Result<void> check_payload(std::string_view payload) {
    if (!is_utf8(payload)) return Error{WSE_EINVAL, "the payload is not UTF-8"};
    if (auto checked = check_json(payload); !checked)
        return Error{WSE_EINVAL, "the payload is not JSON: " + checked.error().text +
                                     " (a text needs its quotes: '\"hello\"')"};
    return {};
}

Result<void> add_text(JsonWriter &args, const char *name, const std::optional<std::string> &value,
                      const char *said_as) {
    if (!value) return {};
    if (!is_utf8(*value)) return Error{WSE_EINVAL, std::string(said_as) + " is not UTF-8"};
    args.member(name, *value);
    return {};
}

Result<void> add_message_options(JsonWriter &args, const Words &words) {
    const auto priority = words.number("priority", 1, 10);
    if (!priority) return priority.error();
    if (*priority) args.member("priority", **priority);
    return add_text(args, "id", words.option("id"), "--id");
}

}  // namespace wse::ctl
