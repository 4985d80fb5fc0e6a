// SPDX-License-Identifier: MIT
// The control socket: a Unix stream socket that speaks one JSON object a line and hands requests to
// a CommandTable. Everything runs on the service loop; docs/control-protocol.md is what it speaks.
#pragma once

#include <uv.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "admin/command.h"
#include "admin/control_socket.h"
#include "base/result.h"
#include "loop/loop.h"

namespace wse::admin {

// What one server and one of its clients may hold.
struct ControlLimits {
    size_t line_bytes = size_t{2} << 20;     // of one request
    size_t clients = 64;                     // beyond it: an error line, then the end
    size_t requests = 64;                    // unanswered, per client; then reading pauses
    size_t backlog_bytes = size_t{8} << 20;  // unsent, per client; then it is disconnected
};

class ControlClient;

class ControlServer {
public:
    // [loop, or before it runs] Opens the socket and answers on it from then on. An error when
    // another server answers on `path`, or the path cannot be used. The process must ignore
    // SIGPIPE, as everybody who writes through libuv.
    static Result<std::unique_ptr<ControlServer>> start(Loop &loop, std::string path,
                                                        CommandTable commands,
                                                        ControlLimits limits = {});
    // After `done` of stop(), which must have been called.
    ~ControlServer();
    ControlServer(const ControlServer &) = delete;
    ControlServer &operator=(const ControlServer &) = delete;

    // [loop] Removes the socket file and disconnects every client; replies that are still held then
    // lead nowhere. `done` is called on the loop when all handles are closed.
    void stop(std::function<void()> done);

    const std::string &path() const { return path_; }
    size_t clients() const { return clients_.size(); }  // [loop]

private:
    friend class ControlClient;
    ControlServer(Loop &loop, std::string path, ControlSocket socket, CommandTable commands,
                  ControlLimits limits);
    Result<void> listen();
    void accept();
    void dispatch(std::string_view line, ControlClient &client);
    const Command *find(std::string_view name) const;
    std::string command_names() const;
    void forget(ControlClient &client);
    void closed_one();

    Loop &loop_;
    const std::string path_;
    ControlSocket socket_;
    const CommandTable commands_;
    const ControlLimits limits_;
    uv_pipe_t listener_{};
    std::unordered_set<ControlClient *> clients_;  // each owns itself until it is closed
    std::array<char, 65536> read_buffer_;          // shared: filled and emptied in one callback
    bool listening_ = false;
    std::function<void()> stopped_;
};

}  // namespace wse::admin
