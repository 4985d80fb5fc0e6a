// SPDX-License-Identifier: MIT
// The server itself: its state, modules, certificates and counters.
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

std::string coloured(std::string_view colour, const std::string &text, const Style &style) {
    return std::string(colour) + text + std::string(style.plain);
}

// The notes say why a server that runs is not all that its configuration asks for.
std::string state(JsonView result, const Style &style) {
    if (result["draining"].boolean().value_or(false)) return coloured(style.bad, "draining", style);
    if (!result["ready"].boolean().value_or(true))
        return coloured(style.bad, "running, not ready", style);
    if (result["notes"].first()) return coloured(style.bad, "running (degraded)", style);
    return coloured(style.good, "running", style);
}

// "1.5 MiB in memory, file writing"
std::string history(JsonView history, const Style &style) {
    if (!history.is_object()) return "-";
    std::string text = number_or_dash(history["bytes"], bytes) + " in memory, ";
    const std::string file = cell(history["file"]);
    if (file == "none") {
        text += "no file";
    } else if (file == "failing") {
        text += coloured(style.bad, "file failing", style);
    } else {
        text += "file " + file;
    }
    const int64_t evicted = history["evicted"].integer().value_or(0);
    if (evicted > 0) text += ", " + counted(evicted, "message") + " given up for lack of memory";
    return text;
}

// "app_socket  3 events waiting (1.5 KiB), away"
std::string application(JsonView row, const Style &style) {
    std::string text = cell(row["name"]) + "  " +
                       counted(row["queued"].integer().value_or(0), "event") + " waiting (" +
                       number_or_dash(row["queued_bytes"], bytes) + ')';
    if (row["away"].boolean().value_or(false)) text += ", " + coloured(style.bad, "away", style);
    return text;
}

// "service", "loop-0, service", or the first and the last of many.
std::string loops(JsonView names) {
    constexpr size_t kMaxNamed = 3;
    if (names.size() <= kMaxNamed) return joined(names);
    JsonView last = names.first();
    for (JsonView next = last; next; next = next.next()) last = next;
    return std::to_string(names.size()) + ": " + cell(names.first()) + " to " + cell(last);
}

}  // namespace

std::string show_status(JsonView result, const Style &style) {
    Sheet sheet;
    sheet.add("version", cell(result["version"]));
    sheet.add("state", state(result, style));
    if (result["unready"].string())
        sheet.add("not ready", coloured(style.bad, cell(result["unready"]), style));
    for (JsonView note = result["notes"].first(); note; note = note.next())
        sheet.add("note", coloured(style.bad, cell(note["text"]), style));
    sheet.add("pid", cell(result["pid"]));
    sheet.add("started", moment(result["started_at"]));
    sheet.add("uptime", number_or_dash(result["uptime_ms"], duration));
    sheet.add("config", cell(result["config"]["path"]));
    for (JsonView listener = result["listeners"].first(); listener; listener = listener.next())
        sheet.add("listener", cell(listener["name"]) + "  " + cell(listener["address"]) + "  " +
                                  cell(listener["path"]));
    sheet.add("modules", joined(result["modules"]));
    for (JsonView row = result["applications"].first(); row; row = row.next())
        sheet.add("application", application(row, style));
    for (const char *name :
         {"loops", "connections", "sessions", "topics", "patterns", "published", "deliveries"})
        sheet.add(name, cell(result[name]));
    sheet.add("history", history(result["history"], style));
    return sheet.text(style);
}

std::string show_modules(JsonView result, const Style &style) {
    Table table({"NAME", "KIND", "VERSION", "STATE", "WAITING", "OLDEST", "SLOW", "SLOWEST",
                 "LOOPS", "PATH"},
                {Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight,
                 Align::kRight, Align::kRight, Align::kRight, Align::kLeft, Align::kLeft});
    std::string notes;
    for (JsonView row = result["modules"].first(); row; row = row.next()) {
        const bool slow = row["slow_calls"].integer().value_or(0) > 0;
        const bool waiting = row["tokens_outstanding"].integer().value_or(0) > 0;
        table.add({cell(row["name"]), cell(row["kind"]), cell(row["version"]), cell(row["state"]),
                   cell(row["tokens_outstanding"]),
                   waiting ? number_or_dash(row["oldest_token_ms"], duration) : "-",
                   cell(row["slow_calls"]), slow ? cell(row["slowest_ms"]) + "ms" : "-",
                   loops(row["loops"]), cell(row["path"])});
        if (row["unused"].string())
            notes += cell(row["name"]) + " is not used: " + cell(row["unused"]) + '\n';
    }
    return table.empty() ? "no modules\n" : table.text(style) + notes;
}

std::string show_certificates(JsonView result, const Style &style) {
    Table table({"LISTENER", "NAMES", "EXPIRES", "SERIAL", "FILE"});
    for (JsonView row = result["certificates"].first(); row; row = row.next())
        table.add({cell(row["listener"]), joined(row["names"]), moment(row["expires_at"]),
                   cell(row["serial"]), cell(row["file"])});
    return table.empty() ? "no listener has certificates\n" : table.text(style);
}

std::string show_keys(JsonView result, const Style &style) {
    Table table({"KEY", "OPERATIONS", "LIMITED"}, {Align::kLeft, Align::kRight, Align::kRight});
    for (JsonView row = result["keys"].first(); row; row = row.next())
        table.add({cell(row["name"]), cell(row["operations"]), cell(row["limited"])});
    return table.empty() ? "the HTTP API has no keys\n" : table.text(style);
}

std::string show_reloaded(JsonView result, const Style & /*style*/) {
    std::string text;
    for (JsonView warning = result["warnings"].first(); warning; warning = warning.next())
        text += "warning: " + cell(warning) + '\n';
    return text + "read " + counted(result["certificates"].integer().value_or(0), "certificate") +
           "; connections from now on get them\n";
}

std::string show_stats(JsonView result, const Style &style) {
    Table table({"COUNTER", "VALUE", "WHAT IT COUNTS"},
                {Align::kLeft, Align::kRight, Align::kLeft});
    const auto add = [&](const std::string &prefix, JsonView counters) {
        for (JsonView row = counters.first(); row; row = row.next())
            table.add({prefix + cell(row["name"]), cell(row["value"]), cell(row["help"])});
    };
    add("", result["counters"]);
    for (JsonView module = result["modules"].first(); module; module = module.next())
        add(cell(module["name"]) + ".", module["counters"]);
    return table.text(style);
}

}  // namespace wse::ctl
