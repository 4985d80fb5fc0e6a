// SPDX-License-Identifier: MIT
#include "admin/http.h"

#include <errno.h>
#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

#include "admin/http_protocol.h"
#include "base/log.h"

namespace wse::admin {
namespace {

constexpr unsigned kOwnDescriptors = 16;  // what libwebsockets uses for itself, with room
constexpr unsigned kSparedSeconds = 5;    // that its own limits are longer than ours
// Bad peers make it write lines at error level, so none of them is an error of ours. The log limits
// the rate of one event.
void emit_log(int, const char *line) noexcept {
    std::string_view text(line);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    log::warn("http", "http.library", {{"message", text}});
}

struct Handles {
    size_t open = 0;
    size_t closing = 0;
};

Handles count_handles(uv_loop_t *loop) {
    Handles count;
    uv_walk(
        loop,
        [](uv_handle_t *handle, void *out) noexcept {
            auto &handles = *static_cast<Handles *>(out);
            ++(uv_is_closing(handle) ? handles.closing : handles.open);
        },
        &count);
    return count;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(Loop &loop, HttpDesk &desk,
                                                      HttpLimits limits) {
    std::unique_ptr<HttpServer> server(new HttpServer(loop, desk, limits));
    if (auto opened = server->open(); !opened) return opened.error();
    return server;
}

HttpServer::HttpServer(Loop &loop, HttpDesk &desk, HttpLimits limits)
    : loop_(loop), shared_{.limits = limits, .desk = desk, .timers = loop.timers()} {}

HttpServer::~HttpServer() {
    WSE_ASSERT(context_ == nullptr && !stopped_, "an HTTP server is destroyed before it stopped");
}

Result<void> HttpServer::open() {
    lws_set_log_level(LLL_ERR | LLL_WARN, emit_log);
    void *loops[] = {loop_.uv()};
    lws_context_creation_info info{};
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN;
    info.foreign_loops = loops;
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = http_protocols();
    info.user = &shared_;
    info.pcontext = &context_;
    info.uid = info.gid = static_cast<decltype(info.uid)>(-1);  // it must not change who we are
    info.alpn = "http/1.1";
    // A small table of its own, whatever the process may open and however high our descriptors are:
    // each close walks over all of it.
    info.fd_limit_per_thread = shared_.limits.connections + kOwnDescriptors;
    info.max_http_header_data = shared_.limits.head_bytes;
    // Ours count; these are for what goes past them.
    info.timeout_secs = static_cast<unsigned>(shared_.limits.request_ms / 1000) + kSparedSeconds;
    info.timeout_secs_ah_idle = info.timeout_secs;
    info.keepalive_timeout = static_cast<int>(info.timeout_secs);

    const size_t handles = count_handles(loop_.uv()).open;
    context_ = lws_create_context(&info);
    // Its libuv part is loaded at run time; without it there may be a context that nothing drives.
    if (!context_ || count_handles(loop_.uv()).open == handles) {
        lws_context_destroy(context_);
        return Error{WSE_EIO,
                     "the built-in HTTP server cannot start: is the package "
                     "libwebsockets-evlib-uv installed?"};
    }
    info.pcontext = nullptr;
    vhost_ = lws_create_vhost(context_, &info);
    WSE_ASSERT(vhost_, "libwebsockets made no vhost");
    return {};
}

Result<int> HttpServer::connect(Entrance entrance) {
    if (shared_.connections.fetch_add(1) >= shared_.limits.connections) {
        --shared_.connections;
        return Error{WSE_EAGAIN, "the built-in HTTP server has " +
                                     std::to_string(shared_.limits.connections) +
                                     " connections already"};
    }
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) {
        --shared_.connections;
        return Error{WSE_EIO, std::string("no socket pair: ") + strerrordesc_np(errno)};
    }
    loop_.post([this, fd = ends[0], entrance] { adopt(fd, entrance); });
    return ends[1];
}

void HttpServer::adopt(int fd, Entrance entrance) {
    if (stopping_) {
        close(fd);
    } else if (lws *const wsi = lws_adopt_socket_vhost(vhost_, fd)) {  // closes it on failure
        lws_set_opaque_user_data(wsi, new HttpConnection(wsi, shared_, entrance));
    }
    // Counted twice for a moment: libwebsockets' own count (http_protocol.cc) has begun.
    --shared_.connections;
}

// Destroying a context on somebody else's loop takes three steps: the first call closes its
// handles; when they are gone, a second call frees the rest; what that one closed is waited for
// again. Handles of others that happen to close only make it a turn longer.
void HttpServer::stop(std::function<void()> done) {
    WSE_ASSERT(context_ && !stopping_, "an HTTP server is stopped twice");
    stopping_ = true;
    stopped_ = std::move(done);
    lws_context_destroy(context_);
    uv_idle_init(loop_.uv(), &turn_);
    turn_.data = this;
    uv_idle_start(&turn_, [](uv_idle_t *turn) noexcept {
        static_cast<HttpServer *>(turn->data)->continue_stop();
    });
}

void HttpServer::continue_stop() {
    if (count_handles(loop_.uv()).closing > 0) return;
    if (context_) return lws_context_destroy(context_);
    uv_close(reinterpret_cast<uv_handle_t *>(&turn_), [](uv_handle_t *handle) noexcept {
        // `done` may destroy this server: nothing is touched after it.
        std::exchange(static_cast<HttpServer *>(handle->data)->stopped_, nullptr)();
    });
}

}  // namespace wse::admin
