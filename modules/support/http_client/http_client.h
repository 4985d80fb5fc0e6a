// SPDX-License-Identifier: MIT
// HttpClient: asks HTTP/1.1 servers, http and https, from one libuv loop. Connections are kept and
// used again; their number, the requests that wait for one, the size of what is read and the time
// are bounded. Redirects are not followed: a 302 is an answer like others.
#pragma once

#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http_client/response_reader.h"
#include "http_client/stream.h"
#include "http_client/tls.h"
#include "http_client/url.h"

namespace wse::http {

struct Limits {
    uint32_t connections = 8;    // at once, to all servers together
    uint32_t waiting = 256;      // requests that wait for a connection
    uint64_t idle_ms = 15'000;   // after which a connection without a request is closed
    uint64_t connect_ms = 0;     // for the name, the connection and TLS; 0: the request's time
    uint64_t first_byte_ms = 0;  // from the request to the first octet of the response; likewise
};

struct Request {
    std::string method = "GET";
    Url url;
    std::vector<Header> headers;  // beside Host, Connection, Content-Length
    std::string body;
    uint64_t timeout_ms = 2000;  // for all of it, waiting included
    uint64_t max_body = 256 * 1024;
    // May be sent once more when the server closes a kept connection instead of answering.
    bool repeatable = true;
};

enum class Failure { kNone, kConnect, kTimeout, kTooBig, kProtocol, kCanceled };

struct Outcome {
    Failure failure = Failure::kNone;
    std::string problem;  // a sentence for the log, with nothing that came and nothing of the URL
    Response response;    // of kNone
};

// A name that a request may have: a token of RFC 9110, and none that the client writes itself.
bool is_header_name(std::string_view name);
// Printable ASCII and blanks.
bool is_header_value(std::string_view value);

// One loop, from which everything is called.
class HttpClient {
public:
    using Done = std::function<void(Outcome)>;

    // `tls` may be null when no URL is https; it must outlive the client.
    HttpClient(uv_loop_t *loop, Limits limits, const TlsContext *tls);
    // After `closed` of close().
    ~HttpClient();
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;

    // `done` is called once, later, never in this call; it throws nothing, and may call everything
    // here. 0: too many requests wait already, and `done` is not called; nor is it when there is no
    // memory (std::bad_alloc).
    uint64_t send(Request request, Done done);
    // `done` is not called any more. Unknown ids do nothing.
    void cancel(uint64_t id);
    // Ends all requests as canceled. `closed` is called when the loop has no handle of ours, not
    // in this call. A name that is being resolved is waited for.
    void close(std::function<void()> closed);

private:
    struct Call;
    class Connection;
    using Connections = std::list<std::unique_ptr<Connection>>;

    void pump();
    Connection *connection_for(const Url &url);
    void start(Call &call, Connection &connection);
    void finish(uint64_t id, Outcome outcome);
    void forget(uint64_t id);
    bool repeat(Call &call, const Connection &connection);
    void drop(Connection &connection);
    void arm();
    void on_timer();
    void expire(uint64_t now);
    void on_all_closed();

    uv_loop_t *const loop_;
    const Limits limits_;
    const TlsContext *const tls_;
    StreamCount streams_;
    std::map<uint64_t, std::unique_ptr<Call>> calls_;
    std::deque<uint64_t> waiting_;  // ids; of which some may be gone
    uint32_t waiting_count_ = 0;
    Connections connections_;
    uint64_t last_id_ = 0;
    std::function<void()> closed_;
    bool closing_ = false;
    uv_timer_t *timer_;  // the last member that is made; owns itself once it is being closed
};

}  // namespace wse::http
