// SPDX-License-Identifier: MIT
#include "feed.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "app/event_json.h"

namespace wse::app_socket {
namespace {

using msgpack_json::MessageWriter;

constexpr size_t kEnds = 16;  // what closes the array and the message

// `data` is JSON, but for these.
void write_data(MessageWriter &out, uint32_t event, const std::string &data) {
    switch (event) {
        case WSE_APP_EVENT_TEXT:
            out.member("data", data);
            return;
        case WSE_APP_EVENT_BINARY:
            out.key("data").bytes(data);
            return;
        case WSE_APP_EVENT_DISCONNECT:
            out.member_if("reason", data);
            return;
        default:
            out.member_json("data", data);
    }
}

}  // namespace

void Feed::put(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    std::vector<Event> copies;
    copies.reserve(count);
    const auto copy = [](wse_bytes bytes) { return std::string(abi::text_of(bytes)); };
    for (uint64_t i = 0; i < count; ++i) {
        const wse_app_event &each = events[i];
        if (app::event_name(each.event).empty()) continue;  // of a later version
        copies.push_back({each.event, each.code, each.time_ms, copy(each.connection),
                          copy(each.user), copy(each.topic), copy(each.type), copy(each.id),
                          copy(each.data)});
    }
    first_ += events_.size();
    events_ = std::move(copies);
    done_ = given_ = 0;
    token_ = token;
}

wse_batch_token *Feed::finish() {
    first_ += events_.size();
    events_.clear();
    done_ = given_ = 0;
    return std::exchange(token_, nullptr);
}

void Feed::write(MessageWriter &out, uint64_t seq, const Event &event, bool with_data) {
    out.begin_map().member_number("seq", seq).member("event", app::event_name(event.event));
    out.member_if("conn", event.connection).member_if("user", event.user);
    out.member_if("topic", event.topic).member_if("type", event.type).member_if("id", event.id);
    if (with_data) {
        write_data(out, event.event, event.data);
    } else {
        out.member_number("omitted", event.data.size());
    }
    if (event.event == WSE_APP_EVENT_DISCONNECT) out.member_number("code", event.code);
    out.member_number("ts", event.time_ms).end();
}

uint64_t Feed::give(MessageWriter &out, uint64_t most, uint64_t size) {
    uint64_t count = 0;
    for (; count < most && has_more(); ++count, ++given_) {
        const uint64_t seq = first_ + given_;
        const MessageWriter::Mark before = out.mark();
        write(out, seq, events_[given_], true);
        if (out.size() + kEnds > size) {
            out.take_back(before);
            if (count > 0) break;
            write(out, seq, events_[given_], false);
        }
        last_given_ = std::max(last_given_, seq);
    }
    return count;
}

uint64_t Feed::acknowledge(uint64_t seq) {
    if (seq < first_) return 0;
    const size_t done = std::min(static_cast<size_t>(seq - first_ + 1), events_.size());
    if (done <= done_) return 0;
    const uint64_t moved = done - done_;
    done_ = done;
    given_ = std::max(given_, done_);
    return moved;
}

}  // namespace wse::app_socket
