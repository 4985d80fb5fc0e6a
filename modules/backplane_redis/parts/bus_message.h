// SPDX-License-Identifier: MIT
// A publication as other programs write it, in one of two forms: the event that a backend publishes
// on a channel, and the fields of an entry of the ingress stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::backplane_redis::parts {

inline constexpr size_t kMaxEvent = 4 << 20;  // bytes of one; json_text bounds depth and members

// What is to be published. Empty and 0 stand for what is not said.
struct BusMessage {
    std::string topic;
    std::string type;
    std::string id;
    std::string payload;  // JSON
    std::string extra;    // JSON
    uint32_t priority = 0;
    uint64_t time_ms = 0;  // since 1970
};

// The text is a JSON object. Its type is `event_type` or `type`, in lower case, or `t` as it is;
// the payload `p`, `payload`, or all of the event but `metadata`; the id `metadata.event_id`,
// `event_id` or `id`; the priority `metadata.priority`; the time `timestamp` or `ts`, where it is
// RFC 3339 or a number of milliseconds since 1970; extra members `metadata.extra`. Of members that
// stand twice the last one counts. No topic. Empty, and a sentence without any part of it, when it
// is none.
std::optional<BusMessage> read_event(std::string_view text, std::string &ret_problem);

// The reverse: an event that read_event() makes the same message of. Where the payload is null it
// says so by `metadata.as_is`: the payload is `p` and nothing else.
std::string event_of(const BusMessage &message);

// A priority as it is written, 1 to 10; what is over or under it is the nearest. Empty: no number.
std::optional<uint32_t> read_priority(std::string_view text);

}  // namespace wse::backplane_redis::parts
