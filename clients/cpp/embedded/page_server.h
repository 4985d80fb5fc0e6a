// SPDX-License-Identifier: MIT
// A small HTTP server on a uv_loop_t: enough for the pages of an example, and no more. It answers
// one request a connection, of at most 64 KiB, and gives a connection ten seconds.
#pragma once

#include <uv.h>

#include <functional>
#include <set>
#include <string>

struct Request {
    std::string method;
    std::string path;
    std::string body;
};

struct Response {
    int status = 200;
    std::string type = "application/json";
    std::string body;
};

class PageServer {
public:
    using Handler = std::function<Response(const Request &)>;

    // Listens on a port of 127.0.0.1 that the kernel chooses; port() is 0 when it cannot.
    PageServer(uv_loop_t *loop, Handler handler);
    int port() const { return port_; }
    // Closes everything; the loop ends that. Before the destructor, and not in the handler.
    void close();

private:
    struct Connection;
    friend struct Connection;

    void accept();

    uv_loop_t *loop_;
    uv_tcp_t listener_{};
    Handler handler_;
    std::set<Connection *> open_;
    int port_ = 0;
};
