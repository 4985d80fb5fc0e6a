// SPDX-License-Identifier: MIT
// Where backends connect: a Unix socket or a TCP port.
#pragma once

#include <sys/stat.h>
#include <uv.h>

#include <functional>
#include <string>

#include "options.h"

namespace wse::app_socket {

// A socket that listens, before it has a loop.
struct Place {
    Place() = default;
    ~Place();
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    int fd = -1;
    std::string path;     // of the Unix socket, or empty
    struct stat file {};  // likewise, to know it again
};

// Empty, or why nobody can be listened for. The file of a Unix socket on which nobody answers is
// replaced.
std::string open_place(const Config &config, Place &ret);

// One loop. close() once; gone when `closed` was called.
class Listener {
public:
    // `ready`: a connection can be accepted. Takes the socket.
    Listener(uv_loop_t *loop, Place &place, std::function<void()> ready);
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;

    bool is_unix() const { return !path_.empty(); }
    // The handle must be of the same kind.
    bool accept(uv_stream_t *into) { return uv_accept(&handle_.stream, into) == 0; }
    // "/run/wse/app.sock", "127.0.0.1:5008" with the port that the kernel chose.
    std::string name() const;
    // Removes the file of the Unix socket, unless another one has its name by now.
    void close(std::function<void()> closed);

private:
    const std::string path_;
    const struct stat file_;
    std::function<void()> ready_;
    std::function<void()> closed_;
    union {
        uv_handle_t any;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } handle_{};
};

}  // namespace wse::app_socket
