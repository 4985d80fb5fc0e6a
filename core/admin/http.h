// SPDX-License-Identifier: MIT
// The built-in HTTP server: libwebsockets on the service loop. It listens nowhere. A connection
// loop that relays a request asks for a connected descriptor and talks HTTP/1.1 over it; every
// request is answered and its connection closed.
#pragma once

#include <uv.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "loop/loop.h"

struct lws_context;
struct lws_vhost;

namespace wse::admin {

struct HttpLimits {
    uint32_t connections = 256;     // at once; beyond it connect() is an error
    uint32_t request_seconds = 10;  // from connect() to the end of a request head
};

class HttpServer {
public:
    // [loop, or before it runs] One per process: libwebsockets' log is set for the whole of it.
    static Result<std::unique_ptr<HttpServer>> start(Loop &loop, HttpLimits limits = {});
    // After `done` of stop(), which must have been called.
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    // [any] A stream socket, non-blocking and close-on-exec, whose other end this server reads; the
    // caller's to close. WSE_EAGAIN when there are too many (answer 503). Not after stop().
    Result<int> connect();

    // [loop] Ends every connection. `done` is called on the loop when all handles are closed.
    void stop(std::function<void()> done);

    // [any] Connections that are handed out and not closed yet.
    uint32_t connections() const { return connections_; }

private:
    HttpServer(Loop &loop, HttpLimits limits);
    Result<void> open();
    void adopt(int fd);
    void continue_stop();

    Loop &loop_;
    const HttpLimits limits_;
    std::atomic<uint32_t> connections_{0};
    lws_context *context_ = nullptr;  // set to null by libwebsockets at the end of its destruction
    lws_vhost *vhost_ = nullptr;
    uv_idle_t turn_{};  // while stopping: one call a loop turn
    bool stopping_ = false;
    std::function<void()> stopped_;
};

}  // namespace wse::admin
