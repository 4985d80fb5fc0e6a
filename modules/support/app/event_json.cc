// SPDX-License-Identifier: MIT
#include "app/event_json.h"

#include <algorithm>
#include <iterator>

#include "abi/module_class.h"
#include "app/json_object.h"
#include "jws/base64.h"

namespace wse::app {
namespace {

constexpr struct {
    uint32_t event;
    std::string_view name;
} kEvents[] = {
    {WSE_APP_EVENT_CONNECT, "connect"},
    {WSE_APP_EVENT_MESSAGE, "message"},
    {WSE_APP_EVENT_DISCONNECT, "disconnect"},
    {WSE_APP_EVENT_JOIN, "join"},
    {WSE_APP_EVENT_LEAVE, "leave"},
    {WSE_APP_EVENT_TEXT, "text"},
    {WSE_APP_EVENT_BINARY, "binary"},
    {WSE_APP_EVENT_SUBSCRIBE, "subscribe"},
    {WSE_APP_EVENT_UNSUBSCRIBE, "unsubscribe"},
};

void add_data(JsonObject &object, const wse_app_event &event) {
    const std::string_view data = abi::text_of(event.data);
    switch (event.event) {
        case WSE_APP_EVENT_TEXT:
            object.text("data", data);
            break;
        case WSE_APP_EVENT_BINARY:
            object.text("data", jws::encode_base64(data));
            break;
        case WSE_APP_EVENT_DISCONNECT:
            object.number("code", event.code);
            if (!data.empty()) object.text("reason", data);
            break;
        default:
            if (!data.empty()) object.raw("data", data);
    }
}

}  // namespace

std::string read_wants(const wse_strings &names, uint32_t &ret_mask) {
    ret_mask = 0;
    if (names.count == 1 && std::string_view(names.items[0]) == "none") return "";
    for (uint64_t i = 0; i < names.count; ++i) {
        const std::string_view name = names.items[i];
        const auto *const found = std::find_if(std::begin(kEvents), std::end(kEvents),
                                               [&](const auto &row) { return row.name == name; });
        if (found == std::end(kEvents))
            return "events: there is no event '" + std::string(name) + "'";
        ret_mask |= 1u << found->event;
    }
    if (names.count > 0) return "";
    for (const auto &row : kEvents) ret_mask |= 1u << row.event;
    return "";
}

std::string_view event_name(uint32_t event) {
    for (const auto &row : kEvents) {
        if (row.event == event) return row.name;
    }
    return {};
}

void append_event(std::string &out, uint64_t seq, const wse_app_event &event) {
    JsonObject object(out);
    object.number("seq", seq);
    object.text("event", event_name(event.event));
    object.text_if("conn", abi::text_of(event.connection));
    object.text_if("user", abi::text_of(event.user));
    object.text_if("topic", abi::text_of(event.topic));
    object.text_if("type", abi::text_of(event.type));
    object.text_if("id", abi::text_of(event.id));
    add_data(object, event);
    object.number("ts", event.time_ms);
    object.end();
}

}  // namespace wse::app
