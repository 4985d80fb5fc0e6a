// SPDX-License-Identifier: MIT
// Messages, and who is there to get them. Payloads and presence data are shown as they were
// written: a number stays what it is, whatever its size.
#include "base/json_scan.h"
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

// A member of `object` as text. Not of a tree of the whole, which data that cannot be in a tree
// (json.h) would spoil.
std::string cell_of(std::string_view object, std::string_view name) {
    const auto value = JsonDocument::parse(find_json_member(object, name));
    return value ? cell(value->root()) : "-";
}

// Valid JSON without the blanks between its tokens.
std::string compact(std::string_view json) {
    std::string out;
    bool in_string = false;
    for (size_t at = 0; at < json.size(); ++at) {
        const char byte = json[at];
        if (!in_string && (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')) continue;
        out += byte;
        if (in_string && byte == '\\' && at + 1 < json.size()) {
            out += json[++at];
        } else if (byte == '"') {
            in_string = !in_string;
        }
    }
    return out;
}

}  // namespace

std::string show_published(JsonView result, const Style &) {
    return "published to " + cell(result["topic"]) + " as " + cell(result["id"]) + ", epoch " +
           cell(result["epoch"]) + " offset " + cell(result["offset"]) + "\n";
}

std::string show_sent(JsonView result) {
    const int64_t sent = result["sent"].integer().value_or(0);
    const int64_t dropped = result["dropped"].integer().value_or(0);
    const std::string why = dropped == 1 ? " did not take it (its queue is full)"
                                         : " did not take it (their queues are full)";
    const auto others = result["others"].boolean();
    const std::string elsewhere = !others   ? ""
                                  : *others ? "; passed on to the other hosts"
                                            : "; it could not be passed on to the other hosts";
    if (sent > 0) {
        const std::string rest = dropped > 0 ? "; " + std::to_string(dropped) + why : "";
        return "sent to " + counted(sent, "connection") + rest + elsewhere;
    }
    if (others && dropped == 0) return "nobody of this host was reached" + elsewhere;
    if (dropped > 0) return "nobody was reached: " + counted(dropped, "connection") + why;
    return "nobody was reached: no connection is there to take it";
}

std::string show_presence(std::string_view result, const Style &style) {
    std::vector<std::string_view> users;
    if (!scan_json_array(find_json_member(result, "users"), users)) users.clear();
    if (users.empty()) return "nobody is present on " + cell_of(result, "topic") + "\n";
    Table table({"USER", "CONNECTIONS", "DATA"}, {Align::kLeft, Align::kRight, Align::kLeft});
    table.cut_last_column();
    for (const auto user : users)
        table.add({cell_of(user, "user"), cell_of(user, "connections"),
                   printable(compact(find_json_member(user, "data")))});
    if (find_json_member(result, "truncated") != "true") return table.text(style);
    return table.text(style) + list_end(users.size(), cell_of(result, "total"));
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
