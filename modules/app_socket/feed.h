// SPDX-License-Identifier: MIT
// The events that backends have not acknowledged: one batch of the server's, given out in pieces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <wse/module.h>

#include "msgpack_json/message_writer.h"

namespace wse::app_socket {

// Numbers go on from batch to batch, from 1.
class Feed {
public:
    // Copied; there is no batch before it that is not done. Takes the token unless it throws.
    void put(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    bool is_open() const { return token_ != nullptr; }
    wse_batch_token *token() const { return token_; }
    // The batch is over, whatever was acknowledged of it. Its token, which is to be answered.
    wse_batch_token *finish();

    bool has_more() const { return given_ < events_.size(); }
    // Writes the next events as items of an array that is open: at most `most`, and as many as fit
    // into a message of `size` bytes, but one at least, which loses its data where that is too
    // large. How many there were.
    uint64_t give(msgpack_json::MessageWriter &out, uint64_t most, uint64_t size);
    // Whoever they were given to has gone.
    void give_again() { given_ = done_; }

    uint64_t acknowledged() const { return first_ + done_ - 1; }
    // Events up to this number have been given to somebody.
    bool was_given(uint64_t seq) const { return seq <= last_given_; }
    // All up to that number, which was given, are handled. How many it had not been told of.
    uint64_t acknowledge(uint64_t seq);
    bool is_acknowledged() const { return done_ == events_.size(); }
    uint64_t unacknowledged() const { return events_.size() - done_; }

private:
    struct Event {
        uint32_t event;
        uint32_t code;
        uint64_t time_ms;
        std::string connection, user, topic, type, id, data;
    };
    static void write(msgpack_json::MessageWriter &out, uint64_t seq, const Event &event,
                      bool with_data);

    std::vector<Event> events_;
    wse_batch_token *token_ = nullptr;
    uint64_t first_ = 1;  // number of events_[0]
    size_t done_ = 0;     // events that are acknowledged
    size_t given_ = 0;    // and those that were given to the one who drains
    uint64_t last_given_ = 0;
};

}  // namespace wse::app_socket
