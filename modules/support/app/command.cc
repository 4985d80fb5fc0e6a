// SPDX-License-Identifier: MIT
#include "app/command.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "abi/module_class.h"
#include "app/json_object.h"
#include "app/members.h"
#include "jws/base64.h"

namespace wse::app {
namespace {

constexpr size_t kMaxTopics = 1024;  // of one call

constexpr struct {
    std::string_view method;
    uint32_t command;
} kCommands[] = {
    {"conn.send", WSE_APP_SEND},
    {"conn.send_text", WSE_APP_SEND_TEXT},
    {"conn.send_binary", WSE_APP_SEND_BINARY},
    {"conn.subscribe", WSE_APP_SUBSCRIBE},
    {"conn.unsubscribe", WSE_APP_UNSUBSCRIBE},
    {"conn.close", WSE_APP_CLOSE},
    {"conn.acl", WSE_APP_SET_ACL},
    {"conn.presence", WSE_APP_SET_PRESENCE},
};

bool is_object(std::string_view json) {
    return json.starts_with('{');
}

// The parameters; each function gives a sentence, or nothing.
struct Reader {
    const Members &params;
    Command &command;

    std::string object(std::string_view name, std::string &ret) const {
        const std::string_view value = params.raw(name);
        if (value.empty() || value == "null") return "";
        if (!is_object(value)) return std::string(name) + ": is no object";
        ret = value;
        return "";
    }
    std::string send() const {
        uint64_t priority = 0;
        if (!params.text("type", command.type)) return "type: is missing, or no string";
        if (!params.text_or_nothing("id", command.id)) return "id: is no string";
        if (!params.number_or_nothing("priority", priority) || priority > 10)
            return "priority: is no number from 1 to 10";
        command.priority = static_cast<uint32_t>(priority);
        command.has_message = true;
        command.payload = "{}";
        const std::string problem = object("payload", command.payload);
        return problem.empty() ? object("extra", command.extra) : problem;
    }
    std::string send_text() const {
        return params.text("text", command.data) ? "" : "text: is missing, or no string";
    }
    std::string send_binary() const {
        std::string text;
        if (!params.text("data", text) || !jws::decode_base64(text, command.data))
            return "data: is missing, or no base64";
        return "";
    }
    std::string close() const {
        uint64_t code = 1000;
        if (!params.number_or_nothing("code", code) || code < 1000 || code > 4999)
            return "code: is no number from 1000 to 4999";
        command.code = static_cast<uint32_t>(code);
        return params.text_or_nothing("reason", command.data) ? "" : "reason: is no string";
    }
    std::string acl() const {
        JsonObject acl(command.data);
        std::vector<std::string_view> patterns;
        for (const std::string_view name : {"allow", "deny"}) {
            const std::string_view list = params.raw(name);
            if (list.empty() || list == "null") continue;
            if (!json_text::items_of(list, SIZE_MAX, patterns))
                return std::string(name) + ": is no list";
            acl.raw(name, list);
        }
        acl.end();
        return "";
    }
    std::string presence() const {
        const std::string problem = object("data", command.data);
        return problem.empty() && command.data.empty() ? "data: is missing" : problem;
    }
    // What a client's subscription has: the members in the client's words.
    std::string subscription(const std::string &topic) const {
        std::string out;
        JsonObject data(out);
        for (const json_text::Member &member : params.all()) {
            const std::string_view name = member.name;
            if (name == "conn" || name == "topic" || name == "topics" || name == "epoch" ||
                name == "offset" || member.value == "null")
                continue;
            data.raw(name == "presence_data" ? "presence" : json_text::decoded(name), member.value);
        }
        if (!params.raw("epoch").empty() && !params.raw("offset").empty()) {
            std::string position, recovery;
            JsonObject place(position);
            place.raw("epoch", params.raw("epoch"));
            place.raw("offset", params.raw("offset"));
            place.end();
            JsonObject places(recovery);
            places.raw(topic, position);
            places.end();
            data.raw("recovery", recovery);
        }
        data.end();
        return out == "{}" ? "" : out;
    }
    std::string topics(std::vector<std::string> &ret) const {
        std::string topic;
        if (!params.text_or_nothing("topic", topic)) return "topic: is no string";
        if (!topic.empty()) ret.push_back(topic);
        const std::string_view list = params.raw("topics");
        if (list.empty() || list == "null") return "";
        std::vector<std::string_view> items;
        if (!json_text::items_of(list, kMaxTopics, items))
            return "topics: is no list, or has over 1024 items";
        for (const std::string_view item : items) {
            if (!text_of_json(item, topic) || topic.empty())
                return "topics: an item is no string, or empty";
            ret.push_back(topic);
        }
        return "";
    }
    std::string read() const {
        switch (command.command) {
            case WSE_APP_SEND:
                return send();
            case WSE_APP_SEND_TEXT:
                return send_text();
            case WSE_APP_SEND_BINARY:
                return send_binary();
            case WSE_APP_CLOSE:
                return close();
            case WSE_APP_SET_ACL:
                return acl();
            case WSE_APP_SET_PRESENCE:
                return presence();
            default:
                return "";
        }
    }
};

}  // namespace

std::string read_commands(std::string_view method, std::string_view text,
                          std::vector<Command> &ret) {
    const auto *const row = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [&](const auto &it) { return it.method == method; });
    if (row == std::end(kCommands)) return "method: there is no such one";
    Members params;
    Command command;
    const uint32_t kind = command.command = row->command;
    if (!params.read(text)) return "params: are no JSON object";
    if (!params.text("conn", command.connection) || command.connection.empty())
        return "conn: is missing, or no string";
    const Reader reader{params, command};
    std::string problem = reader.read();
    if (!problem.empty()) return problem;
    if (kind != WSE_APP_SUBSCRIBE && kind != WSE_APP_UNSUBSCRIBE) {
        ret.push_back(std::move(command));
        return "";
    }
    std::vector<std::string> topics;
    problem = reader.topics(topics);
    if (!problem.empty()) return problem;
    const bool names_all = kind == WSE_APP_UNSUBSCRIBE && params.raw("topics").empty();
    if (topics.empty() && names_all) topics.emplace_back();
    if (topics.empty()) return "topic: is missing";
    for (std::string &topic : topics) {
        Command each = command;
        if (kind == WSE_APP_SUBSCRIBE) each.data = reader.subscription(topic);
        each.topic = std::move(topic);
        ret.push_back(std::move(each));
    }
    return "";
}

int32_t issue_command(const wse_host *host, wse_loop *loop, const Command &command,
                      void (*done)(void *arg, int32_t status, wse_bytes answer) noexcept,
                      void *arg) {
    const wse_message message = {
        .struct_size = sizeof message,
        .priority = command.priority,
        .topic = {},
        .type = abi::bytes_of(command.type),
        .id = abi::bytes_of(command.id),
        .payload = abi::bytes_of(command.payload),
        .extra = abi::bytes_of(command.extra),
        .time_ms = host->now_ms(host),
        .epoch = 0,
        .offset = 0,
    };
    const wse_app_command made = {
        .struct_size = sizeof made,
        .command = command.command,
        .connection = abi::bytes_of(command.connection),
        .topic = abi::bytes_of(command.topic),
        .data = abi::bytes_of(command.data),
        .message = command.has_message ? &message : nullptr,
        .code = command.code,
        .reserved = 0,
    };
    return host->app_command(host, loop, &made, done, arg);
}

}  // namespace wse::app
