// SPDX-License-Identifier: MIT
#include "wsectl/show.h"

#include "base/clock.h"
#include "base/json_scan.h"

namespace wse::ctl {
namespace {

std::string number_or(JsonView value, std::string (*format)(int64_t)) {
    const auto number = value.integer();
    return number ? format(*number) : "-";
}

// A time is RFC 3339 text; milliseconds since 1970 are shown as such, too.
std::string moment(JsonView value) {
    const auto ms = value.integer();
    return ms && *ms >= 0 ? format_timestamp(static_cast<uint64_t>(*ms)) : cell(value);
}

std::string joined(JsonView list) {
    std::string out;
    for (JsonView item = list.first(); item; item = item.next())
        out += (out.empty() ? "" : ", ") + cell(item);
    return out.empty() ? "-" : out;
}

// What stands under a list that is not whole.
std::string list_end(JsonView result, size_t shown) {
    if (!result["truncated"].boolean().value_or(false)) return "";
    return std::to_string(shown) + " of " + cell(result["total"]) + " shown; --limit shows more\n";
}

std::string rights(JsonView rights) {
    if (!rights.is_object()) return "none: no [[topic]] row matches";
    const bool subscribe = rights["subscribe"].boolean().value_or(false);
    const bool publish = rights["publish"].boolean().value_or(false);
    std::string may = subscribe && publish ? "subscribe, publish"
                      : subscribe          ? "subscribe"
                      : publish            ? "publish"
                                           : "nothing";
    return may + " (row \"" + cell(rights["match"]) + "\")";
}

}  // namespace

std::string show_status(JsonView result, const Style &style) {
    Sheet sheet;
    const bool draining = result["draining"].boolean().value_or(false);
    sheet.add("version", cell(result["version"]));
    sheet.add("state", std::string(draining ? style.bad : style.good) +
                           (draining ? "draining" : "running") + std::string(style.plain));
    sheet.add("pid", cell(result["pid"]));
    sheet.add("started", moment(result["started_at"]));
    sheet.add("uptime", number_or(result["uptime_ms"], duration));
    sheet.add("config", cell(result["config"]["path"]));
    for (JsonView listener = result["listeners"].first(); listener; listener = listener.next())
        sheet.add("listener", cell(listener["name"]) + "  " + cell(listener["address"]) + "  " +
                                  cell(listener["path"]));
    sheet.add("modules", joined(result["modules"]));
    for (const char *name :
         {"loops", "connections", "sessions", "topics", "published", "deliveries"})
        sheet.add(name, cell(result[name]));
    return sheet.text(style);
}

std::string show_published(JsonView result, const Style &) {
    return "published to " + cell(result["topic"]) + " as " + cell(result["id"]) + ", epoch " +
           cell(result["epoch"]) + " offset " + cell(result["offset"]) + "\n";
}

std::string show_connections(JsonView result, const Style &style) {
    constexpr Align kLeft = Align::kLeft, kRight = Align::kRight;
    Table table(
        {"ID", "USER", "ADDRESS", "LISTENER", "STATE", "TOPICS", "QUEUED", "IN", "OUT", "SINCE"},
        {kLeft, kLeft, kLeft, kLeft, kLeft, kRight, kRight, kRight, kRight, kLeft});
    size_t shown = 0;
    for (JsonView row = result["connections"].first(); row; row = row.next(), ++shown)
        table.add({cell(row["id"]), cell(row["user"]), cell(row["ip"]) + " " + cell(row["port"]),
                   cell(row["listener"]), cell(row["state"]), cell(row["subscriptions"]),
                   number_or(row["queued_bytes"], bytes), cell(row["messages_in"]),
                   cell(row["messages_out"]), moment(row["connected_at"])});
    if (table.empty()) return "no connections\n";
    return table.text(style) + list_end(result, shown);
}

std::string show_connection(JsonView result, const Style &style) {
    Sheet sheet;
    for (const char *name : {"id", "user", "ip", "port", "listener", "state"})
        sheet.add(name, cell(result[name]));
    sheet.add("connected at", moment(result["connected_at"]));
    sheet.add("expires at", moment(result["expires_at"]));
    sheet.add("idle", number_or(result["idle_ms"], duration));
    sheet.add("client version", cell(result["client_version"]));
    sheet.add("protocol version", cell(result["protocol_version"]));
    sheet.add("queued", number_or(result["queued_bytes"], bytes));
    sheet.add("messages in", cell(result["messages_in"]));
    sheet.add("messages out", cell(result["messages_out"]));
    sheet.add("topics", joined(result["topics"]));
    return sheet.text(style);
}

std::string show_topics(JsonView result, const Style &style) {
    Table table({"TOPIC", "SUBSCRIBERS", "EPOCH", "OFFSET"},
                {Align::kLeft, Align::kRight, Align::kLeft, Align::kRight});
    size_t shown = 0;
    for (JsonView row = result["topics"].first(); row; row = row.next(), ++shown)
        table.add({cell(row["topic"]), cell(row["subscribers"]), cell(row["epoch"]),
                   cell(row["offset"])});
    if (table.empty()) return "no topics\n";
    return table.text(style) + list_end(result, shown);
}

std::string show_topic(JsonView result, const Style &style) {
    Sheet sheet;
    for (const char *name : {"topic", "epoch", "offset", "subscribers"})
        sheet.add(name, cell(result[name]));
    for (JsonView row = result["loops"].first(); row; row = row.next())
        sheet.add("on " + cell(row["loop"]), cell(row["subscribers"]));
    sheet.add("clients may", rights(result["rights"]));
    return sheet.text(style);
}

std::string show_modules(JsonView result, const Style &style) {
    Table table({"NAME", "KIND", "VERSION", "STATE", "WAITING", "OLDEST", "PATH"},
                {Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight,
                 Align::kRight, Align::kLeft});
    for (JsonView row = result["modules"].first(); row; row = row.next()) {
        const bool waiting = row["tokens_outstanding"].integer().value_or(0) > 0;
        table.add({cell(row["name"]), cell(row["kind"]), cell(row["version"]), cell(row["state"]),
                   cell(row["tokens_outstanding"]),
                   waiting ? number_or(row["oldest_token_ms"], duration) : "-", cell(row["path"])});
    }
    return table.empty() ? "no modules\n" : table.text(style);
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

std::string show_event(std::string_view event, const Style &style) {
    const auto document = JsonDocument::parse(event);
    if (!document) return printable(event);
    const JsonView root = document->root();
    // Of a time in RFC 3339 the clock is enough: "03:04:05.678".
    std::string time = moment(root["ts"]);
    if (time.size() == 24) time = time.substr(11, 12);
    std::vector<JsonMember> members;
    std::string payload = "{}";
    if (scan_json_object(event, members)) payload = printable(find_member(members, "payload"));
    return std::string(style.faint) + time + std::string(style.plain) + "  " +
           std::string(style.strong) + cell(root["topic"]) + std::string(style.plain) + "  " +
           cell(root["type"]) + "  #" + cell(root["offset"]) + "  " + payload;
}

}  // namespace wse::ctl
