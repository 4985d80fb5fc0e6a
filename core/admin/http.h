// SPDX-License-Identifier: MIT
// The built-in HTTP server: libwebsockets on the service loop. It listens nowhere: net does, reads
// each request strictly and relays it, for which it asks for a connected descriptor and talks
// HTTP/1.1 over it. Every request is answered and its connection closed.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "admin/http_connection.h"
#include "base/result.h"
#include "loop/loop.h"

struct lws_context;
struct lws_vhost;

namespace wse::admin {

class HttpServer {
public:
    // [loop, or before it runs] One per process: libwebsockets' log is set for the whole of it.
    // `desk` outlives it.
    static Result<std::unique_ptr<HttpServer>> start(Loop &loop, HttpDesk &desk,
                                                     HttpLimits limits = {});
    // After `done` of stop(), which must have been called.
    ~HttpServer();
    HttpServer(const HttpServer &) = delete;
    HttpServer &operator=(const HttpServer &) = delete;

    // [any] A stream socket, non-blocking and close-on-exec, whose other end this server reads; the
    // caller's to close. WSE_EAGAIN when there are too many (answer 503). Not after stop().
    Result<int> connect(Entrance entrance = Entrance::kListener);

    // [loop] Ends every connection. `done` is called on the loop when all handles are closed.
    void stop(std::function<void()> done);

    // [any] Connections that are handed out and not closed yet.
    uint32_t connections() const { return shared_.connections; }

private:
    HttpServer(Loop &loop, HttpDesk &desk, HttpLimits limits);
    Result<void> open();
    void adopt(int fd, Entrance entrance);
    void continue_stop();

    Loop &loop_;
    HttpShared shared_;
    lws_context *context_ = nullptr;  // set to null by libwebsockets at the end of its destruction
    lws_vhost *vhost_ = nullptr;
    uv_idle_t turn_{};  // while stopping: one call a loop turn
    bool stopping_ = false;
    std::function<void()> stopped_;
};

}  // namespace wse::admin
