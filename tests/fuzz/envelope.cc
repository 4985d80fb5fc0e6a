// SPDX-License-Identifier: MIT
// Messages of clients: the envelope, and every parser of a payload. Besides, what the scanner takes
// for JSON the reader of trees takes as well, and both see the same members.
#include <vector>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "proto/client_message.h"
#include "proto/dialect.h"

namespace wse {
namespace {

// Of a text that is JSON. What cJSON cannot hold is refused by name.
bool is_for_trees(std::string_view text) {
    for (size_t at = text.find("\\u0000"); at != text.npos; at = text.find("\\u0000", at + 1)) {
        size_t backslashes = 0;
        while (backslashes < at && text[at - backslashes - 1] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return false;
    }
    return !has_half_surrogate_pair(text);
}

void check_trees(std::string_view text) {
    if (!check_json(text)) {
        WSE_ASSERT(!JsonDocument::parse(text), "what is no JSON was made into a tree");
        return;
    }
    const auto document = JsonDocument::parse(text);
    WSE_ASSERT(document.ok() == is_for_trees(text), "a tree was refused, or should have been");
    std::vector<JsonMember> members;
    if (!document || !scan_json_object(text, members)) return;
    WSE_ASSERT(document.value().root().size() == members.size(), "a tree has other members");
    for (const JsonMember &member : members) {
        WSE_ASSERT(check_json(member.value).ok(), "the value of a member is no JSON");
        WSE_ASSERT(!find_json_member(text, member.name).empty(), "a member is not found");
    }
}

void check_text(std::string_view text) {
    WSE_ASSERT(is_utf8(text), "a text of a client is not UTF-8 any more");
}

void parse_payload(std::string_view payload) {
    WSE_ASSERT(check_json(payload).ok(), "a payload is no JSON");
    if (const auto request = proto::parse_subscription(payload)) {
        for (const auto &topic : request.value().topics) check_text(topic);
        for (const auto &item : request.value().unreadable) check_text(item);
        for (const auto &[topic, position] : request.value().recovery) {
            const auto found = request.value().position_of(topic);
            WSE_ASSERT(found.has_value(), "a position is not found");
        }
        for (const auto raw :
             {request.value().presence, request.value().filter, request.value().params})
            WSE_ASSERT(raw.empty() || check_json(raw).ok(), "a part of a payload is no JSON");
    }
    WSE_ASSERT(proto::parse_sync(payload, 3).topics.size() <= 3, "more topics than the limit");
    if (const auto update = proto::parse_presence_update(payload))
        WSE_ASSERT(check_json(update.value().data).ok(), "the data of presence is no JSON");
    check_text(proto::hello_version(payload));
    proto::ping_timestamp(payload);
}

void parse(std::string_view text) {
    std::vector<JsonMember> scratch;
    const auto message = proto::parse_client_message(text, scratch);
    if (!message) return check_text(message.error().text);
    check_text(message.value().type);
    check_text(message.value().id);
    parse_payload(message.value().payload);
    if (const auto publish = proto::parse_publish(message.value())) {
        check_text(publish.value().topic);
        check_text(publish.value().type);
    }
    proto::prefixed(text);
}

}  // namespace
}  // namespace wse

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text = wse::fuzz::text_of(data, size);
    // The parser of frames lets nothing else pass.
    if (!wse::is_utf8(text)) return 0;
    wse::check_trees(text);
    wse::parse(text);
    return 0;
}
