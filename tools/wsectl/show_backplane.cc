// SPDX-License-Identifier: MIT
// The hosts that are joined, and messages that could not be delivered.
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

std::string letters_of_all(JsonView result, const Style &style) {
    Table table({"TOPIC", "LETTERS", "LATEST"}, {Align::kLeft, Align::kRight, Align::kLeft});
    for (JsonView row = result["topics"].first(); row; row = row.next())
        table.add({cell(row["topic"]), cell(row["count"]), moment(row["latest_ms"])});
    return table.empty() ? "no dead letters\n" : table.text(style);
}

std::string milliseconds(JsonView value) {
    return value.integer() ? cell(value) + "ms" : "-";
}

}  // namespace

// What a module says beyond these is for --json.
std::string show_backplane(JsonView result, const Style &style) {
    Sheet sheet;
    for (const char *name : {"host", "prefix", "ingress"}) {
        if (result[name]) sheet.add(name, cell(result[name]));
    }
    if (result["hosts"].is_array()) sheet.add("hosts", joined(result["hosts"]));
    Table table({"SHARD", "ADDRESS", "STATE", "ATTACHED", "TOPICS", "QUEUED", "LAG", "CANARY",
                 "AGO", "LAST"},
                {Align::kRight, Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight,
                 Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kLeft});
    for (JsonView row = result["shards"].first(); row; row = row.next())
        table.add({cell(row["shard"]), cell(row["address"]), cell(row["breaker"]),
                   cell(row["attached"]), cell(row["topics"]), cell(row["queued"]),
                   milliseconds(row["lag_ms"]), milliseconds(row["canary_ms"]),
                   milliseconds(row["canary_age_ms"]), cell(row["last_id"])});
    return sheet.text(style) + (table.empty() ? "" : "\n" + table.text(style));
}

std::string show_letters(JsonView result, const Style &style) {
    if (result["topics"].is_array()) return letters_of_all(result, style);
    Table table({"ID", "DIED", "BYTES", "REASON"},
                {Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
    table.cut_last_column();
    for (JsonView row = result["letters"].first(); row; row = row.next())
        table.add(
            {cell(row["id"]), moment(row["time_ms"]), cell(row["bytes"]), cell(row["reason"])});
    if (table.empty()) return "no dead letters on " + cell(result["topic"]) + "\n";
    const bool more = result["more"].boolean().value_or(false);
    return table.text(style) + (more ? "there are more; see --limit\n" : "");
}

std::string show_replayed(JsonView result, const Style &style) {
    std::string text =
        "replayed " + counted(result["replayed"].integer().value_or(0), "letter") + "\n";
    for (JsonView row = result["failed"].first(); row; row = row.next())
        text += std::string(style.bad) + cell(row["id"]) + ": " + cell(row["problem"]) +
                std::string(style.plain) + "\n";
    return text;
}

std::string show_dropped(JsonView result, const Style & /*style*/) {
    return "dropped " + counted(result["dropped"].integer().value_or(0), "letter") + "\n";
}

}  // namespace wse::ctl
