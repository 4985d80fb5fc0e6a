// SPDX-License-Identifier: MIT
// Socket: a connection of a backend, as frames both ways. It owns itself, since closing takes turns
// of the loop; its owner holds a plain pointer until on_gone(), or until it let go of it.
#pragma once

#include <uv.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "frame_reader.h"

namespace wse::app_socket {

class Socket;

// Told by a socket, never from within send(), finish() or close(). May throw std::bad_alloc, by
// which the connection ends.
class SocketOwner {
public:
    // False: not now; the same frame comes again after resume(), and nothing is read until then.
    virtual bool on_frame(Socket &socket, std::string_view frame) = 0;
    // What came cannot be a frame, or no frame came in time. finish() is due.
    virtual void on_too_big(Socket &socket) = 0;
    virtual void on_late(Socket &socket) = 0;
    // There is room for output again.
    virtual void on_room(Socket &socket) = 0;
    // It has ended, and does not call again. `cause` is a few words.
    virtual void on_gone(Socket &socket, const char *cause) noexcept = 0;
    // Its handles are closed: it is freed. Also after on_gone(), and of all the last.
    virtual void on_released() noexcept = 0;

protected:
    ~SocketOwner() = default;
};

class Socket {
public:
    struct Limits {
        uint64_t first_frame;  // bytes, of the first frame alone
        uint64_t frame;
        uint64_t output;  // bytes that may wait to be sent
    };

    // Accept a connection into stream(), and then start() or close() it.
    static Socket *make(uv_loop_t *loop, bool is_unix, uint64_t id, const Limits &limits,
                        SocketOwner &owner);
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;

    uint64_t id() const { return id_; }  // as it was made with
    uv_stream_t *stream() { return &handle_.stream; }
    // on_late() when no frame has been taken after `timeout_ms`.
    void start(uint64_t timeout_ms);
    // Sends a frame. Over the limit of what may wait, the connection ends.
    void send(std::string_view body);
    // Half of what may wait does: better not to make more for it.
    bool is_crowded() const { return unsent() > limits_.output / 2; }
    bool is_open() const { return owner_ != nullptr && !cause_; }
    // The frame that was not taken comes again.
    void resume();
    // Sends what waits, and closes when the other side does, or after a while. The owner has let go
    // of it: only on_released() follows.
    void finish();
    // At once, likewise.
    void close();
    // At once, and the owner hears of it later.
    void break_off(const char *cause) noexcept;

private:
    Socket(uv_loop_t *loop, bool is_unix, uint64_t id, const Limits &limits, SocketOwner &owner);
    ~Socket() = default;
    template <class Step>
    void guard(Step step) noexcept;
    void on_time();
    void on_bytes(std::string_view bytes);
    void on_end(const char *cause) noexcept;
    void look_at_frames();
    void read_on();
    uint64_t unsent() const { return waiting_.size() + writing_.size(); }
    void write();
    void written(int status);
    void shut_down();
    void close_handles() noexcept;
    void handle_closed() noexcept;

    const uint64_t id_;
    const Limits limits_;
    SocketOwner *owner_;  // null once it has let go
    SocketOwner &counted_;
    union {
        uv_handle_t any;
        uv_stream_t stream;
        uv_pipe_t pipe;
        uv_tcp_t tcp;
    } handle_{};
    uv_timer_t timer_{};  // for the first frame, and in the end for the other side to close
    uv_write_t write_{};
    uv_shutdown_t shutdown_{};
    FrameReader reader_;
    std::string waiting_;
    std::string writing_;
    const char *cause_ = nullptr;  // why it is being closed without a word from the owner
    int open_handles_ = 2;
    bool has_first_ = false;
    bool is_held_ = false;  // a frame was not taken
    bool is_looking_ = false;
    bool is_writing_ = false;
    bool was_crowded_ = false;
    bool is_finishing_ = false;
    bool is_closing_ = false;
};

}  // namespace wse::app_socket
