// SPDX-License-Identifier: MIT
// Connections and topics.
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

std::string rows_left(JsonView result, size_t shown) {
    if (!result["truncated"].boolean().value_or(false)) return "";
    return list_end(shown, cell(result["total"]));
}

// "3 oldest, 1 age", the reasons that there were; empty when nothing was dropped.
std::string dropped(JsonView reasons) {
    std::string out;
    for (JsonView reason = reasons.first(); reason; reason = reason.next()) {
        if (reason.integer().value_or(0) <= 0) continue;
        out += (out.empty() ? "" : ", ") + cell(reason) + ' ' + printable(reason.name());
    }
    return out;
}

std::string messages(int64_t count) {
    return counted(count, "message");
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

std::string show_connections(JsonView result, const Style &style) {
    constexpr Align kLeft = Align::kLeft, kRight = Align::kRight;
    Table table(
        {"ID", "USER", "ADDRESS", "LISTENER", "STATE", "TOPICS", "QUEUED", "IN", "OUT", "SINCE"},
        {kLeft, kLeft, kLeft, kLeft, kLeft, kRight, kRight, kRight, kRight, kLeft});
    size_t shown = 0;
    for (JsonView row = result["connections"].first(); row; row = row.next(), ++shown)
        table.add({cell(row["id"]), cell(row["user"]), cell(row["ip"]) + " " + cell(row["port"]),
                   cell(row["listener"]), cell(row["state"]), cell(row["subscriptions"]),
                   number_or_dash(row["queued_bytes"], bytes), cell(row["messages_in"]),
                   cell(row["messages_out"]), moment(row["connected_at"])});
    if (table.empty()) return "no connections\n";
    return table.text(style) + rows_left(result, shown);
}

std::string show_connection(JsonView result, const Style &style) {
    Sheet sheet;
    for (const char *name : {"id", "user", "ip", "port", "listener", "state"})
        sheet.add(name, cell(result[name]));
    sheet.add("connected at", moment(result["connected_at"]));
    sheet.add("expires at", moment(result["expires_at"]));
    sheet.add("idle", number_or_dash(result["idle_ms"], duration));
    sheet.add("client version", cell(result["client_version"]));
    sheet.add("protocol version", cell(result["protocol_version"]));
    sheet.add("queued", number_or_dash(result["queued_bytes"], bytes));
    sheet.add("messages in", cell(result["messages_in"]));
    sheet.add("messages out", cell(result["messages_out"]));
    sheet.add("topics", joined(result["topics"]));
    sheet.add("topics behind", cell(result["topics_behind"]));
    if (const std::string drops = dropped(result["dropped"]); !drops.empty())
        sheet.add("dropped", drops);
    return sheet.text(style);
}

std::string show_topics(JsonView result, const Style &style) {
    Table table({"TOPIC", "SUBSCRIBERS", "EPOCH", "OFFSET", "HISTORY"},
                {Align::kLeft, Align::kRight, Align::kLeft, Align::kRight, Align::kRight});
    size_t shown = 0;
    for (JsonView row = result["topics"].first(); row; row = row.next(), ++shown)
        table.add({cell(row["topic"]), cell(row["subscribers"]), cell(row["epoch"]),
                   cell(row["offset"]), cell(row["history_messages"])});
    if (table.empty()) return "no topics\n";
    return table.text(style) + rows_left(result, shown);
}

std::string show_topic(JsonView result, const Style &style) {
    Sheet sheet;
    for (const char *name : {"topic", "epoch", "offset", "subscribers"})
        sheet.add(name, cell(result[name]));
    for (JsonView row = result["loops"].first(); row; row = row.next())
        sheet.add("on " + cell(row["loop"]), cell(row["subscribers"]));
    sheet.add("history", number_or_dash(result["history_messages"], messages));
    sheet.add("retained", number_or_dash(result["retained"], messages));
    sheet.add("memory", number_or_dash(result["history_bytes"], bytes));
    sheet.add("group members", cell(result["group_members"]));
    sheet.add("stamped", cell(result["stamped"]));
    sheet.add("clients may", rights(result["rights"]));
    return sheet.text(style);
}

}  // namespace wse::ctl
