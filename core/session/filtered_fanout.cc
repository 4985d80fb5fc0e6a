// SPDX-License-Identifier: MIT
// The part of a delivery that goes to subscriptions with a filter, once those that take everything
// have been served.
#include "proto/server_messages.h"
#include "session/fanout.h"

namespace wse::session {
namespace {

// The message as one of a stream that has gaps, where a stamp would be taken for a loss.
proto::MessageRef without_stamp(const proto::Message &message) {
    const proto::Handling handling{.stamped = false, .slow = proto::Slow::kDropOldest};
    proto::Record record{message.publication, message.position, message.sequence, message.wall_ms};
    return proto::MessageRef(new proto::Message(std::move(record), handling));
}

}  // namespace

void Fanout::spread_filtered(const proto::MessageRef &message, const net::FrameRef &frame) {
    const bool stamped = message->handling.stamped;
    proto::MessageRef bare;  // made when somebody takes it
    net::FrameRef bare_frame;
    FilterTable *table = nullptr;
    for (const auto &[entry, by_pattern] : filtered_) {
        for (Subscription *subscription : entry->filtered) {
            if (subscription->subscriber->last_delivery == delivery_) continue;
            // Those of two readings of the configuration have their filters in two tables.
            FilterTable *const its_own = &subscription->filter->table();
            if (table && table != its_own) table->close();
            table = its_own;
            if (!subscription->filter->takes(*message)) continue;
            if (stamped && !bare) {
                bare = without_stamp(*message);
                bare_frame = net::Frame::text(proto::event(*bare));
            }
            if (stamped) {
                give(*subscription->subscriber, bare, bare_frame, by_pattern);
            } else {
                give(*subscription->subscriber, message, frame, by_pattern);
            }
        }
    }
    if (table) table->close();
}

// What is the server's own, no filter is asked about.
void Fanout::spread_to_filtered(const proto::MessageRef &message, const net::FrameRef &frame) {
    for (const auto &[entry, by_pattern] : filtered_) {
        for (Subscription *subscription : entry->filtered)
            give(*subscription->subscriber, message, frame, by_pattern);
    }
}

}  // namespace wse::session
