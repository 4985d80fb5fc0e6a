// SPDX-License-Identifier: MIT
#include "admin/control_line.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/utf8.h"

namespace wse::admin {
namespace {

constexpr int64_t kLargestId = 9007199254740992;  // 2^53: what every JSON reader keeps exact

std::optional<int64_t> parse_id(std::string_view text) {
    int64_t id = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole = status == std::errc() && end == text.data() + text.size();
    if (!whole || id < 0 || id > kLargestId) return std::nullopt;
    return id;
}

// A payload may be pretty-printed. A line break can only stand between tokens of valid JSON, where
// a blank says the same and does not end our line.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
}

}  // namespace

Result<Request> parse_request(std::string_view line, std::optional<int64_t> &ret_id) {
    ret_id.reset();
    if (!is_utf8(line)) return Error{WSE_EINVAL, "the request is not UTF-8"};
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(line, members); !scanned)
        return Error{WSE_EINVAL, "the request is not a JSON object: " + scanned.error().text};

    ret_id = parse_id(find_member(members, "id"));
    if (!ret_id) return Error{WSE_EINVAL, "the request has no \"id\", an integer from 0 to 2^53"};
    const std::string_view command = find_member(members, "cmd");
    if (command.size() < 2 || command.front() != '"')
        return Error{WSE_EINVAL, "the request has no \"cmd\", the name of a command"};

    std::string_view args = find_member(members, "args");
    if (args.empty()) args = "{}";
    auto document = JsonDocument::parse(args);
    if (!document) return Error{WSE_EINVAL, "args: " + document.error().text};
    if (!document->root().is_object()) return Error{WSE_EINVAL, "args is not an object"};
    return Request{*ret_id, command.substr(1, command.size() - 2), args, std::move(*document)};
}

std::string ok_line(int64_t id, std::string_view json) {
    JsonWriter line;
    line.begin_object().member("id", id).member("ok", true);
    line.key("result").raw(json.empty() ? "{}" : json).end_object();
    return one_line(line.take());
}

std::string event_line(int64_t id, std::string_view json) {
    JsonWriter line;
    line.begin_object().member("id", id).key("event").raw(json).end_object();
    return one_line(line.take());
}

std::string error_line(std::optional<int64_t> id, std::string_view code, std::string_view message) {
    JsonWriter line;
    line.begin_object().key("id").raw(id ? std::to_string(*id) : "null").member("ok", false);
    line.key("error").begin_object().member("code", code).member("message", message);
    line.end_object().end_object();
    return line.take();
}

}  // namespace wse::admin
