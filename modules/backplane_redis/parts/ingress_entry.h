// SPDX-License-Identifier: MIT
// Entries of the ingress stream.
#pragma once

#include <hiredis/hiredis.h>

#include <optional>
#include <string>
#include <vector>

#include "bus_message.h"

namespace wse::backplane_redis::parts {

// What came in by the ingress, in one way or the other.
struct IngressEntry {
    std::string id;       // in the stream; empty: it was published on a channel
    BusMessage message;   // to be published, unless there is a problem
    std::string problem;  // why it cannot be
    std::string text;     // with a problem: what came, as far as it can be said
    size_t bytes() const {
        return id.size() + message.topic.size() + message.type.size() + message.id.size() +
               message.payload.size() + message.extra.size() + text.size();
    }
};

// Fields `topic`, `payload` and optionally `type`, `id`, `priority` and `extra`; or `topic` and
// `event`, which is one of bus_message.h. Without an id a message has that of its entry, so that it
// is published once, however often it is read. `fields` is an array of names and values.
IngressEntry read_entry(std::string id, const redisReply &fields);

// An event that was published on a channel.
IngressEntry read_channel(std::string_view topic, std::string_view event);

// Of a reply to XREAD of one stream, in order.
std::vector<IngressEntry> read_entries(const redisReply &reply);

}  // namespace wse::backplane_redis::parts
