// SPDX-License-Identifier: MIT
#include "page_server.h"

#include <http_parser.h>
#include <netinet/in.h>

#include <cstring>

namespace {

constexpr size_t kMaxBody = 64 * 1024;
constexpr uint64_t kPatienceMs = 10'000;

uv_handle_t *handle_of(void *handle) {
    return static_cast<uv_handle_t *>(handle);
}

}  // namespace

struct PageServer::Connection {
    explicit Connection(PageServer &owner) : server(owner) {
        http_parser_init(&parser, HTTP_REQUEST);
        parser.data = this;
        uv_tcp_init(server.loop_, &socket);
        uv_timer_init(server.loop_, &patience);
        socket.data = patience.data = this;
        server.open_.insert(this);
    }

    void begin() {
        uv_timer_start(
            &patience, [](uv_timer_t *timer) { static_cast<Connection *>(timer->data)->end(); },
            kPatienceMs, 0);
        uv_read_start(
            reinterpret_cast<uv_stream_t *>(&socket),
            [](uv_handle_t *handle, size_t, uv_buf_t *buffer) {
                auto &self = *static_cast<Connection *>(handle->data);
                *buffer = uv_buf_init(self.input, sizeof self.input);
            },
            [](uv_stream_t *stream, ssize_t count, const uv_buf_t *) {
                static_cast<Connection *>(stream->data)->take(count);
            });
    }

    void take(ssize_t count) {
        if (count < 0) return end();
        const size_t parsed =
            http_parser_execute(&parser, &settings(), input, static_cast<size_t>(count));
        const bool failed = parsed != static_cast<size_t>(count) && !complete;
        if (failed) return answer({400, "text/plain", "bad request\n"});
        if (complete) answer(server.handler_(request));
    }

    void answer(const Response &response) {
        uv_read_stop(reinterpret_cast<uv_stream_t *>(&socket));
        output = "HTTP/1.1 " + std::to_string(response.status) + ' ' +
                 http_status_str(static_cast<http_status>(response.status)) +
                 "\r\nContent-Type: " + response.type +
                 "\r\nContent-Length: " + std::to_string(response.body.size()) +
                 "\r\nConnection: close\r\n\r\n" + response.body;
        uv_buf_t buffer = uv_buf_init(output.data(), static_cast<unsigned>(output.size()));
        write.data = this;
        const auto written = [](uv_write_t *done, int) {
            static_cast<Connection *>(done->data)->end();
        };
        if (uv_write(&write, reinterpret_cast<uv_stream_t *>(&socket), &buffer, 1, written) != 0)
            end();
    }

    // Closed twice over: the second handle that is closed frees it.
    void end() {
        if (uv_is_closing(handle_of(&socket))) return;
        server.open_.erase(this);
        const auto closed = [](uv_handle_t *handle) {
            auto *self = static_cast<Connection *>(handle->data);
            if (++self->handles_closed == 2) delete self;
        };
        uv_close(handle_of(&socket), closed);
        uv_close(handle_of(&patience), closed);
    }

    static const http_parser_settings &settings() {
        static const http_parser_settings all = [] {
            http_parser_settings out;
            http_parser_settings_init(&out);
            out.on_url = [](http_parser *parser, const char *at, size_t length) {
                static_cast<Connection *>(parser->data)->request.path.append(at, length);
                return 0;
            };
            out.on_body = [](http_parser *parser, const char *at, size_t length) {
                auto &body = static_cast<Connection *>(parser->data)->request.body;
                if (body.size() + length > kMaxBody) return 1;
                body.append(at, length);
                return 0;
            };
            out.on_message_complete = [](http_parser *parser) {
                auto &self = *static_cast<Connection *>(parser->data);
                self.request.method = http_method_str(static_cast<http_method>(parser->method));
                self.complete = true;
                return 1;
            };
            return out;
        }();
        return all;
    }

    PageServer &server;
    uv_tcp_t socket{};
    uv_timer_t patience{};
    uv_write_t write{};
    http_parser parser{};
    Request request;
    std::string output;
    bool complete = false;
    int handles_closed = 0;
    char input[16 * 1024];
};

PageServer::PageServer(uv_loop_t *loop, Handler handler)
    : loop_(loop), handler_(std::move(handler)) {
    uv_tcp_init(loop, &listener_);
    listener_.data = this;
    sockaddr_in address{};
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_bind(&listener_, reinterpret_cast<const sockaddr *>(&address), 0);
    const auto connected = [](uv_stream_t *listener, int status) {
        if (status == 0) static_cast<PageServer *>(listener->data)->accept();
    };
    if (uv_listen(reinterpret_cast<uv_stream_t *>(&listener_), 64, connected) != 0) return;
    int length = sizeof address;
    uv_tcp_getsockname(&listener_, reinterpret_cast<sockaddr *>(&address), &length);
    port_ = ntohs(address.sin_port);
}

void PageServer::accept() {
    auto *connection = new Connection(*this);
    auto *stream = reinterpret_cast<uv_stream_t *>(&connection->socket);
    if (uv_accept(reinterpret_cast<uv_stream_t *>(&listener_), stream) == 0) {
        connection->begin();
    } else {
        connection->end();
    }
}

void PageServer::close() {
    while (!open_.empty()) (*open_.begin())->end();
    uv_close(handle_of(&listener_), nullptr);
}
