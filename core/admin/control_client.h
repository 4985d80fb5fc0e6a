// SPDX-License-Identifier: MIT
// One client of the control socket: its lines in, its answers out, and the replies it waits for.
// Owns itself: it is deleted in its close callback.
#pragma once

#include <uv.h>

#include <string>
#include <string_view>
#include <unordered_set>

#include "admin/command.h"
#include "admin/control.h"

namespace wse::admin {

class ControlReply;

class ControlClient {
public:
    // Takes the connection that `listener` has ready.
    ControlClient(ControlServer &server, uv_stream_t *listener);

    // Appends the line and sends what can be sent. False: the client is closing, or this was more
    // than it may leave unread, and it is closing now.
    bool send(std::string_view line);
    // Ends the connection; replies learn it in the close callback, never inside this call, so a
    // publisher can walk over its streams while one of them breaks.
    void close();
    // Sends what is queued, then ends the connection.
    void close_when_sent();
    // What fits into the limit of unsent bytes when nothing else is unsent.
    size_t largest_result() const;
    bool closing() const { return closing_; }

    void add(ControlReply &reply) { replies_.insert(&reply); }
    void ended(ControlReply &reply);  // answered, or nobody holds it any more

private:
    ~ControlClient() = default;
    void start_reading();
    void on_read(ssize_t count);
    void take_lines();
    bool full() const;
    void flush();
    void on_written(int status);
    void close_if_finished();
    void on_closed();

    ControlServer &server_;
    uv_pipe_t pipe_{};
    uv_write_t write_{};
    std::string input_;
    size_t scanned_ = 0;  // of input_, without a newline
    std::string queued_;
    std::string writing_;
    std::unordered_set<ControlReply *> replies_;
    bool reading_ = false;
    bool taking_ = false;  // take_lines is on the stack
    bool finishing_ = false;
    bool closing_ = false;
};

}  // namespace wse::admin
