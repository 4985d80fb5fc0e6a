// SPDX-License-Identifier: MIT
// Revoked tokens.
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

std::string about(JsonView row) {
    if (row["token"]) return "the token " + cell(row["token"]);
    return "tokens of " + cell(row["user"]) + " issued up to " + moment(row["issued_before"]);
}

}  // namespace

std::string show_revoked(JsonView result, const Style &style) {
    const std::string closed = counted(result["closed"].integer().value_or(0), "connection");
    std::string text = "revoked " + about(result) + "; closed " + closed + "\n";
    if (result["stored"].boolean().value_or(true)) return text;
    return text + std::string(style.bad) +
           "it could not be written to the state directory, and is forgotten with this process" +
           std::string(style.plain) + "\n";
}

std::string show_revocations(JsonView result, const Style &style) {
    Table table({"USER", "TOKEN", "ISSUED BEFORE", "REVOKED", "UNTIL"});
    size_t shown = 0;
    for (JsonView row = result["revocations"].first(); row; row = row.next(), ++shown)
        table.add({cell(row["user"]), cell(row["token"]), moment(row["issued_before"]),
                   moment(row["revoked_at"]), moment(row["until"])});
    if (table.empty()) return "nothing is revoked\n";
    if (!result["truncated"].boolean().value_or(false)) return table.text(style);
    return table.text(style) + list_end(shown, cell(result["total"]));
}

}  // namespace wse::ctl
