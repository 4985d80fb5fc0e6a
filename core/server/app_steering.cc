// SPDX-License-Identifier: MIT
#include "server/app_steering.h"

#include <string>
#include <utility>

#include "base/utf8.h"
#include "module/bytes.h"
#include "net/frame.h"
#include "server/module_message.h"

namespace wse::server {
namespace {

using module::to_view;

// RFC 6455 section 5.5.1: with its code a close frame has 125 bytes.
constexpr size_t kMaxReason = 123;

Result<session::Steering> read_event(const wse_app_command &command, const config::Limits &limits,
                                     uint64_t now_ms) {
    if (!command.message) return Error{WSE_EINVAL, "message: missing"};
    const wse_message &message = *command.message;
    if (message.payload.len > limits.max_publish_size)
        return Error{WSE_ETOOBIG, "payload: " + std::to_string(message.payload.len) +
                                      " bytes, over limits.max_publish_size"};
    if (auto sound = check_bytes(message); !sound) return sound.error();
    if (message.type.len == 0) return Error{WSE_EINVAL, "type: missing or empty"};
    auto publication = proto::make_publication(
        {.topic = "direct",  // which nobody sees
         .type = to_view(message.type),
         .id = to_view(message.id),
         .payload = to_view(message.payload),
         .priority = message.priority == 0 ? static_cast<int64_t>(proto::Priority::kNormal)
                                           : int64_t{message.priority},
         .extra = to_view(message.extra),
         .time_ms = message.time_ms},
        {.payload_bytes = limits.max_publish_size, .topic_bytes = limits.max_topic_length}, now_ms);
    if (!publication) return publication.error();
    return session::Steering(session::SendEvent{proto::MessageRef(
        new proto::Message({std::move(*publication), {}, 0, now_ms},
                           {.stamped = false, .slow = proto::Slow::kDropLowest}))});
}

Result<session::Steering> read_raw(std::string_view data, bool is_binary,
                                   const config::Limits &limits) {
    if (data.size() > limits.max_message_size)
        return Error{WSE_ETOOBIG, "data: " + std::to_string(data.size()) +
                                      " bytes, over limits.max_message_size"};
    return session::Steering(session::SendRaw{std::string(data), is_binary});
}

Result<session::Steering> read_subscribe(std::string_view topic, std::string_view data) {
    session::SubscribeTopics subscribe{.wish = std::string(data)};
    if (!topic.empty()) subscribe.topics.emplace_back(topic);
    return session::Steering(std::move(subscribe));
}

Result<session::Steering> read_unsubscribe(std::string_view topic) {
    session::UnsubscribeTopics unsubscribe;
    if (!topic.empty()) unsubscribe.topics.emplace_back(topic);
    return session::Steering(std::move(unsubscribe));
}

Result<session::Steering> read_close(uint32_t code, std::string_view reason) {
    if (code != 0 && !is_backends_close_code(code))
        return Error{WSE_EINVAL, "code: " + std::to_string(code) +
                                     " is not 1000, 1002, 1003, 1007 to " +
                                     "1009, 1011 to 1014 or 3000 to 4999"};
    if (reason.size() > kMaxReason) return Error{WSE_ETOOBIG, "reason: longer than 123 bytes"};
    return session::Steering(
        session::CloseSession{static_cast<uint16_t>(code), std::string(reason)});
}

Result<session::Steering> read_lists(std::string_view data) {
    auto lists = session::parse_topic_lists(data);
    if (!lists) return Error{WSE_EINVAL, lists.error().text};
    return session::Steering(session::SetTopicLists{std::move(*lists)});
}

}  // namespace

// 1001 says that the server is going away, 1010 that it wants an extension.
bool is_backends_close_code(uint32_t code) {
    return code <= 4999 && code != 1001 && code != 1010 &&
           net::is_close_code(static_cast<uint16_t>(code));
}

Result<session::Steering> read_steering(const wse_app_command &command,
                                        const config::Limits &limits, uint64_t now_ms) {
    const std::string_view topic = to_view(command.topic);
    const std::string_view data = to_view(command.data);
    if (!is_utf8(topic)) return Error{WSE_EINVAL, "topic: not valid UTF-8"};
    if (command.command != WSE_APP_SEND_BINARY && !is_utf8(data))
        return Error{WSE_EINVAL, "data: not valid UTF-8"};
    switch (command.command) {
        case WSE_APP_SEND:
            return read_event(command, limits, now_ms);
        case WSE_APP_SEND_TEXT:
        case WSE_APP_SEND_BINARY:
            return read_raw(data, command.command == WSE_APP_SEND_BINARY, limits);
        case WSE_APP_SUBSCRIBE:
            return read_subscribe(topic, data);
        case WSE_APP_UNSUBSCRIBE:
            return read_unsubscribe(topic);
        case WSE_APP_CLOSE:
            return read_close(command.code, data);
        case WSE_APP_SET_ACL:
            return read_lists(data);
        case WSE_APP_SET_PRESENCE:
            return session::Steering(session::SetPresence{std::string(data)});
        default:
            return Error{WSE_EINVAL,
                         "command: " + std::to_string(command.command) + " is none of ours"};
    }
}

}  // namespace wse::server
